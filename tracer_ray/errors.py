"""Every error a user can meet, as one tree.

- TracerError
    - BlueprintError       a blueprint contradicts itself, or none has that id
    - DataError            the data does not fit the blueprint
        - SchemaError      a column is missing, ambiguous or of the wrong type
        - QualityError     more rows are bad than the tolerance allows
    - StorageError         a path or URI can't be read or written
        - StorageMissingError   nothing is there
        - StorageDeniedError    the credentials don't allow it, are absent or expired
        - StorageThrottledError the store asks for fewer requests
        - StorageFullError      no space is left
        - StorageUnreachableError  the store does not answer
    - TrainingError        a run can't give a release
    - ReleaseError         a release is absent, incomplete or altered
    - RegistryError        an alias can't be moved
    - CompositeError       a composite contradicts itself
        - CompositeMissingError none has that id
        - CompositeTakenError   another one has that id
    - RequestError         a prediction can't be answered
        - UnknownEntityError    nothing at all is known of what was asked
    - ServiceError         a service can't be reached, or refuses
"""


class TracerError(Exception):
    """Any failure that Tracer explains itself; its text is meant for the user."""


class BlueprintError(TracerError):
    """A blueprint contradicts itself, or none has that id."""


class DataError(TracerError):
    """The data does not fit the blueprint."""


class SchemaError(DataError):
    """A column is missing, ambiguous or of the wrong type."""


class QualityError(DataError):
    """More rows are bad than the tolerance allows."""


class StorageError(TracerError):
    """A path or URI can't be read or written."""


class StorageMissingError(StorageError):
    """Nothing is stored there."""


class StorageDeniedError(StorageError):
    """The credentials don't allow it, are absent or expired."""


class StorageThrottledError(StorageError):
    """The store asks for fewer requests."""


class StorageFullError(StorageError):
    """No space is left for what is to be written."""


class StorageUnreachableError(StorageError):
    """The store does not answer."""


class TrainingError(TracerError):
    """A training run can't give a release."""


class ReleaseError(TracerError):
    """A release is absent, incomplete or altered."""


class RegistryError(TracerError):
    """An alias can't be moved."""


class CompositeError(TracerError):
    """A composite contradicts itself."""


class CompositeMissingError(CompositeError):
    """No composite has that id."""


class CompositeTakenError(CompositeError):
    """Another composite has that id already."""


class RequestError(TracerError):
    """A prediction can't be answered."""


class UnknownEntityError(RequestError):
    """Nothing at all is known of what was asked."""


class ServiceError(TracerError):
    """A service can't be reached, or refuses; `status` is the one of HTTP, 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        """Carry what happened and the status."""
        super().__init__(message)
        self.status = status
