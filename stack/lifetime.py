"""Parts that are stopped again, also after an error."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Started(ABC):
    """A context manager: started within, stopped after, and if it cannot start."""

    @abstractmethod
    def start_all(self) -> None:
        """Starts it. What it raises comes out of the context, once all is stopped."""

    @abstractmethod
    def stop(self) -> None:
        """Stops each part of it that was started."""

    def __enter__(self) -> Self:
        try:
            self.start_all()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
