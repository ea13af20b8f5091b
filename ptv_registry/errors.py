"""The errors that the kernel and the plugins raise on purpose, and the base of their warnings.

Each derives from :class:`PtvError` and from the built-in exception it resembles, so that callers can catch either.
All survive pickling with their message, fields and notes, so that they cross worker processes whole.
"""

from __future__ import annotations

import builtins
from typing import Any, Final

from ptv_registry.redaction import without_secrets


class PtvError(Exception):
    """Base of every error raised on purpose; ``fields`` holds what a program may want to read from it.

    Passwords and signatures of URLs are left out of both.
    """

    def __init__(self, message: str = "", **fields: Any) -> None:
        message = without_secrets(str(message))
        super().__init__(message)
        self.message = message
        self.fields = {k: without_secrets(v) if isinstance(v, str) else v for k, v in fields.items()}

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.fields, list(getattr(self, "__notes__", [])))


def _rebuild(cls: type[PtvError], message: str, fields: dict[str, Any], notes: list[str]) -> PtvError:
    error = cls(message, **fields)
    for note in notes:
        error.add_note(note)
    return error


class PtvWarning(UserWarning):
    """Base of every warning issued on purpose: the ``ptv`` command shows it as one line, without the place in the code.

    Passwords and signatures of URLs are left out of the message.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(without_secrets(message))


class DeprecatedNameWarning(PtvWarning, FutureWarning):
    """An old name of a component was used; Python shows it by default, other than a ``DeprecationWarning``."""


class SpecSyntaxError(PtvError, ValueError):
    """The text is not a spec; the message points at the column."""


class UnknownNameError(PtvError, LookupError):
    """No installed distribution provides this name for this kind."""


class AmbiguousNameError(PtvError, LookupError):
    """Several third-party distributions provide this name, and no preference picks one."""


class PluginLoadError(PtvError, ImportError):
    """The distribution that provides a name is installed, but its code does not import."""


class DuplicateNameError(PtvError, ValueError):
    """The name is already registered in this process."""


class ArgumentError(PtvError, ValueError):
    """An argument is unknown, missing, of the wrong type or out of range."""


class ContractError(PtvError, ValueError):
    """A component does not take what call sites of its kind always pass."""


class TrustError(PtvError, ValueError):
    """A component's distribution is not trusted, or a file is code that has not been declared trusted."""


class UnfreezableError(PtvError, ValueError):
    """The object holds something without a name, which a lock cannot describe."""


class LockError(PtvError, ValueError):
    """The lock cannot be read, or what is installed differs from what it records."""


class PlanRejectedError(PtvError, ValueError):
    """A plugin objects to the plan (hook ``ptv_check_plan``)."""


class ComponentError(PtvError):
    """A component raised an exception of its own while it was being built. Fields: ``path``, ``error``.

    The error is also what the component raised: ``except ValueError`` catches a ``ValueError`` of a component.
    """


_CLASSES: Final[dict[str, type[ComponentError]]] = {}


def _component_class(resembled: type[Exception]) -> type[ComponentError]:
    name = f"Component{resembled.__name__}"
    names = {"__doc__": ComponentError.__doc__, "__module__": __name__}
    return _CLASSES.setdefault(name, _CLASSES.get(name) or type(name, (ComponentError, resembled), names))


def __getattr__(name: str) -> Any:
    """The classes of :func:`component_error`, which pickles name."""
    resembled = getattr(builtins, name.removeprefix("Component"), None)
    if name.startswith("Component") and isinstance(resembled, type) and issubclass(resembled, Exception):
        return _component_class(resembled)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


#: These cannot be made of a message alone.
_OF_SEVERAL: Final = (UnicodeDecodeError, UnicodeEncodeError, UnicodeTranslateError, ExceptionGroup, Exception)


def component_error(error: Exception, place: str, path: str) -> ComponentError:
    """The error of a component as one of this library, with its place in front."""
    built_in = (cls for cls in type(error).__mro__ if cls.__module__ == "builtins" and cls not in _OF_SEVERAL)
    resembled = next((cls for cls in built_in if issubclass(cls, Exception)), RuntimeError)
    cause = str(error).strip() or "no further message"
    message = f"{place}: {type(error).__name__}: {cause}"
    return _component_class(resembled)(message, path=path, error=type(error).__name__)


class HookError(PtvError, RuntimeError):
    """A plugin's hook failed, and ``PTV_STRICT=1`` makes that an error."""


class OutputError(PtvError, OSError):
    """An output cannot be written, so that continuing is pointless; names the path and the cause. Fields: ``path``."""
