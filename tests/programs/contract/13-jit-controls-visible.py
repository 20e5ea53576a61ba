# The program sees the same interpreter identity, flags and limits whichever mode runs it.
# contract: 13
import platform
import sys
import sysconfig

print(sys.version_info[:3], sys.implementation.name, sys.implementation.cache_tag, sys.hexversion, sys.api_version)
print(platform.python_implementation(), platform.python_version(), sys.maxsize, sys.byteorder)
print(sys.flags, sys.float_info, sys.int_info, sys.hash_info, sys.thread_info)
print(sys.getrecursionlimit(), sys.getswitchinterval(), sys.dont_write_bytecode, sys.getfilesystemencoding(), sys.getdefaultencoding())
print(sys.prefix == sys.base_prefix, sys.exec_prefix == sys.prefix, sys.prefix, sys.platlibdir)
print(sysconfig.get_config_var("SOABI"), sysconfig.get_config_var("EXT_SUFFIX"), sysconfig.get_platform())
print(sys.version)
print(sys.warnoptions, sys._xoptions, sys.orig_argv[1:] == [sys.argv[0]], len(sys.argv))
print(sys.gettrace(), sys.getprofile(), sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth())
print(sys.getallocatedblocks() > 0, sys.is_finalizing(), sys.getrefcount(object()), sys.getsizeof(0), sys.getsizeof([]), sys.getsizeof(lambda: 0))
print([m for m in sys.builtin_module_names if m in ("gc", "sys", "_thread", "_signal", "itertools", "builtins")])
print(sys.path[1:])
import dis


def f(n):
    t = 0
    for i in range(n):
        t += i
    return t


before = [(i.opname, i.arg, i.offset) for i in dis.get_instructions(f)]
f(6000)
print(before == [(i.opname, i.arg, i.offset) for i in dis.get_instructions(f)], before)
print(f.__code__.co_code.hex() == f.__code__.replace().co_code.hex(), f.__sizeof__())
