"""Files that the tools write: by the rules of those that pyrt itself writes."""
import os
import stat


def create(path, text):
    """Writes a file anew; one that is there already is replaced.

    No link is followed, no reader is waited for, and nothing is replaced that is not a regular file of this user's
    with one name: that is an `OSError`.
    """
    try:
        file = _open(path)
    except FileExistsError:
        about = os.lstat(path)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != os.geteuid() or about.st_nlink != 1:
            raise FileExistsError("it exists and is not a regular file of this user's with one name") from None
        os.unlink(path)
        file = _open(path)
    with open(file, "w", encoding="utf-8") as file:
        file.write(text)


def _open(path):
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
