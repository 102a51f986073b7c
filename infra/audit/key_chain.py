"""The keys of one log, one after the other: who trusts any of them learns the others from where they changed.

Pure. Where a key follows another, one checkpoint names both and bears the signatures of both. The former key
signs nothing larger, and the following one nothing smaller; so each size has one key, and a checkpoint
is good if that one has signed it.
"""

from bisect import bisect_left
from collections.abc import Iterable

from infra.audit.checkpoint import Checkpoint, NoteError, VerifierKey


class KeyChain:
    """What is known of the keys, from the one that is trusted on."""

    def __init__(self, trusted: VerifierKey) -> None:
        self._keys = [trusted]
        # Of each key but the last the checkpoint at which the next follows it.
        self._changes: list[Checkpoint] = []

    def learn(self, checkpoints: Iterable[Checkpoint]) -> list[Checkpoint]:
        """Follows the changes of keys among these, in both directions; returns those that lead nowhere.

        Of two at which the same key is followed the first that is met counts.
        """
        waiting = [checkpoint for checkpoint in checkpoints if checkpoint.change is not None]
        while unused := [checkpoint for checkpoint in waiting if not self._links(checkpoint)]:
            if len(unused) == len(waiting):
                break
            waiting = unused
        return unused

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether the key of just this size has signed it; of a change of keys, both."""
        if checkpoint.change is not None:
            return any(known.note == checkpoint.note for known in self._changes)
        return self.key_at(checkpoint.size).signed(checkpoint)

    def key_at(self, size: int) -> VerifierKey:
        """The key that signs checkpoints of a size; at a change it is the former one."""
        return self._keys[bisect_left(self._changes, size, key=lambda change: change.size)]

    def _links(self, checkpoint: Checkpoint) -> bool:
        """Whether it is a part of the chain, now or already."""
        assert checkpoint.change is not None
        if any(known.note == checkpoint.note for known in self._changes):
            return True
        try:
            former = VerifierKey.parse(checkpoint.change.former)
            following = VerifierKey.parse(checkpoint.change.following)
        except NoteError:
            return False
        if str(former) == str(following) or not (former.signed(checkpoint) and following.signed(checkpoint)):
            return False
        sizes = [change.size for change in self._changes]
        if str(former) == str(self._keys[-1]) and (not sizes or sizes[-1] < checkpoint.size):
            self._keys.append(following)
            self._changes.append(checkpoint)
        elif str(following) == str(self._keys[0]) and (not sizes or checkpoint.size < sizes[0]):
            self._keys.insert(0, former)
            self._changes.insert(0, checkpoint)
        else:
            return False
        return True
