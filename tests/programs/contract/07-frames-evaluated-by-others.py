# A function of C that evaluates frames itself (PEP 523) is asked for every call, also where the calls were compiled before.
# contract: 7
import ctypes
import mmap
import platform
import struct

set_evaluator = ctypes.pythonapi._PyInterpreterState_SetEvalFrameFunc
set_evaluator.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
set_evaluator.restype = None
interpreter = ctypes.pythonapi.PyInterpreterState_Main
interpreter.restype = ctypes.c_void_p
default = ctypes.cast(ctypes.pythonapi._PyEval_EvalFrameDefault, ctypes.c_void_p).value

# Counts, and goes on to the interpreter's own.
count = ctypes.c_uint64()
if platform.machine() == "x86_64":
    # mov rax, &count; inc qword [rax]; mov rax, default; jmp rax
    code = b"\x48\xb8" + struct.pack("<Q", ctypes.addressof(count)) + b"\x48\xff\x00"
    code += b"\x48\xb8" + struct.pack("<Q", default) + b"\xff\xe0"
else:
    # ldr x16, count; ldr x17, [x16]; add x17, x17, #1; str x17, [x16]; ldr x16, default; br x16
    code = struct.pack("<6I", 0x580000D0, 0xF9400211, 0x91000631, 0xF9000211, 0x58000090, 0xD61F0200)
    code += struct.pack("<QQ", ctypes.addressof(count), default)
page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(code)
counting = ctypes.addressof(ctypes.c_char.from_buffer(page))


class Number:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Number(self.value + other)

    def __len__(self):
        return 3

    @property
    def half(self):
        return self.value // 2

    def plus(self, *arguments):
        return sum(arguments, self.value)


def one(a, b=1):
    return a + b


def pairs(n):
    for i in range(n):
        yield i, one(i)


def work(n):
    total = 0
    number = Number(0)
    for i, j in pairs(n):
        total += one(i) + one(j, 2) + len(number) + number.half + number.plus(i, j)
        number = number + 1
        total += one(*(1, 2))
    while n > 0:
        n = one(n, -2)
        total += (lambda x: x)(n)
    return total


def counted(n):
    before = count.value
    result = work(n)
    return result, count.value - before


print(work(5000), work(5000))
set_evaluator(interpreter(), counting)
for n in (3, 5000, 5001):
    print(*counted(n))
set_evaluator(interpreter(), default)
print(*counted(5000))
set_evaluator(interpreter(), counting)
print(*counted(4999))
