"""Compiles Python functions to machine code, once: the result is kept on disk.

No compiler is needed on the machine. The cache lies in NUMBA_CACHE_DIR, else under SUREHAND_DATA,
else under `var/` where that can be written, else in the user's own cache; where nothing can be
written, each process compiles for itself. Each state of this package's code has a directory of its
own there: a function holds the machine code of those it calls, from other files.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any


def _cache() -> Path | None:
    """A directory that can be written."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    data = os.environ.get("SUREHAND_DATA")
    state = _state()
    places = (
        Path(given) if given else None,
        Path(data) / "compiled" if data else None,
        Path.cwd() / "var" / "compiled" if (Path.cwd() / "var").is_dir() else None,
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "surehand",
    )
    for place in places:
        if place is None:
            continue
        if place.name != state:  # it is given so by the process that began this one
            place /= state
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                return place
        except OSError:
            continue
    return None


def _state() -> str:
    """Twelve characters that change with the code of this package."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:12]


_place = _cache()
if _place is not None:
    os.environ["NUMBA_CACHE_DIR"] = str(_place)

import numba  # noqa: E402 - reads the environment as it is imported
from llvmlite import ir  # noqa: E402
from numba.extending import intrinsic  # noqa: E402

if _place is not None:
    numba.config.CACHE_DIR = str(_place)  # type: ignore[attr-defined] # imported before


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code that lets other threads run meanwhile; Python may call it."""
    return numba.njit(function, cache=_place is not None, nogil=True, boundscheck=False)


def within(function: Callable[..., Any]) -> Any:
    """The function as machine code that only compiled functions call: less to compile, and to keep
    in memory. It makes no arrays, and so does not count who holds those it is given (`_nrt`): that
    took a fifth of the time, and much more where two threads counted the same."""
    return numba.njit(  # type: ignore[call-overload] # options its types leave out
        function,
        cache=_place is not None,
        nogil=True,
        boundscheck=False,
        _nrt=False,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )


def inside(function: Callable[..., Any]) -> Any:
    """As `within`, and part of its one caller: many arrays take long to hand over."""
    return numba.njit(  # type: ignore[call-overload] # options its types leave out
        function,
        cache=_place is not None,
        nogil=True,
        boundscheck=False,
        forceinline=True,
        _nrt=False,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )


@intrinsic
def fetch(typing: Any, table: Any, place: Any) -> Any:
    """Have the processor fetch a row of a table that is needed soon, and go on meanwhile."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        number, byte = ir.IntType(32), ir.IntType(8)
        stride = builder.extract_value(array.strides, 0)
        start = builder.bitcast(array.data, byte.as_pointer())
        row = builder.gep(start, [builder.mul(arguments[1], stride)])
        kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte.as_pointer()], kind)
        builder.call(function, [row, *(ir.Constant(number, k) for k in (0, 3, 1))])
        return context.get_dummy_value()

    return numba.types.void(table, place), code


def compile_once(function: Any, *arguments: Any) -> None:
    """Call a compiled function for the first time, on next to nothing: where several processes come
    to this on a new machine, one compiles and the others wait for what it keeps."""
    if function.signatures:
        return
    if _place is None:
        function(*arguments)
        return
    with (_place / "compiling").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        function(*arguments)
