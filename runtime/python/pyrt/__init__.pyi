from collections.abc import Callable
from contextlib import AbstractContextManager
from types import CodeType
from typing import Any, Final, Literal, TypedDict, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any] | str)
_C = TypeVar("_C", bound=Callable[[dict[str, Any]], object])

class Build(TypedDict):
    python: str
    python_path: str
    target: str

class Place(TypedDict, total=False):
    function: str
    file: str
    line: int

class Exit(Place):
    id: int
    reason: str
    meaning: str
    instruction: str
    count: int
    side_trace: bool
    given_up: bool
    types: dict[str, int]
    variable: str | None

class LineOfCode(Place):
    code_bytes: int

class Tree(TypedDict):
    name: str
    address: int
    code_bytes: int
    bytes: int
    instructions: int
    side_traces: int
    entries: int
    compile_ns: int
    lines: list[LineOfCode]
    exits: list[Exit]

class Abort(TypedDict):
    reason: str
    meaning: str
    place: str
    count: int

class Trace(Place):
    kind: Literal["loop", "entry"]
    state: Literal["counting", "compiling", "compiled", "given up"]
    aborts: list[Abort]
    tree: Tree | None

class Jit:
    @property
    def available(self) -> bool: ...
    @property
    def enabled(self) -> bool: ...
    def enable(self) -> None: ...
    def disable(self) -> None: ...
    def paused(self) -> AbstractContextManager[None]: ...
    def never(self, function: _F) -> _F: ...
    def always(self, function: _F) -> _F: ...
    def flush(self) -> None: ...
    def options(self) -> dict[str, str]: ...
    def set(self, **options: bool | int | str | list[str] | tuple[str, ...]) -> None: ...
    def stats(self) -> dict[str, Any]: ...
    def traces(self, function: Callable[..., Any] | CodeType) -> list[Trace]: ...
    def disassemble(
        self, function: Callable[..., Any] | CodeType, stage: Literal["bytecode", "ir", "opt", "clif", "asm"] = "asm"
    ) -> str: ...
    def on(self, event: Literal["compile", "abort", "deopt"], callback: _C) -> _C: ...
    def off(self, callback: Callable[[dict[str, Any]], object]) -> None: ...

__version__: Final[str | None]
build: Final[Build | None]
jit: Final[Jit]
