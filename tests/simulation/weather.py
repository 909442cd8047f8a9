"""What goes wrong, and when: every throw of the dice comes from here."""

from __future__ import annotations

from random import Random

import attrs


@attrs.define
class Weather:
    """How bad things are in one world; each kind of trouble is drawn by itself."""

    chance: Random
    store_fails: float = 0.0
    """Of calls to the database: half of them after their effect."""
    store_slow: float = 0.0
    broker_fails: float = 0.0
    """Of what the broker is given: lost, not confirmed, late or twice."""
    model_fails: float = 0.0
    model_slow: float = 0.0
    cut_every: float = 1e9
    """Seconds between two breaks of a client's connection."""
    kill_every: float = 1e9
    freeze_every: float = 1e9
    empty_every: float = 1e9
    """Seconds between two moments at which the broker loses everything."""

    @classmethod
    def of(cls, chance: Random) -> Weather:
        """Some kinds of trouble are there, some are not, some are heavy."""

        def share(*values: float) -> float:
            return chance.choice((0.0, *values))

        def every(*seconds: float) -> float:
            return chance.choice((1e9, *seconds))

        return cls(
            chance,
            store_fails=share(0.01, 0.05, 0.2),
            store_slow=share(0.02, 0.1, 0.3),
            broker_fails=share(0.05, 0.3, 0.6),
            model_fails=share(0.1, 0.4),
            model_slow=share(0.2, 0.5),
            cut_every=every(0.5, 2.0, 8.0),
            kill_every=every(2.0, 5.0, 20.0),
            freeze_every=every(8.0, 30.0),
            empty_every=every(15.0),
        )

    def clear(self) -> None:
        """From now on everything works."""
        self.store_fails = self.store_slow = self.broker_fails = 0.0
        self.model_fails = self.model_slow = 0.0
        self.cut_every = self.kill_every = self.freeze_every = self.empty_every = 1e9

    def happens(self, share: float) -> bool:
        """Whether something that happens so often happens now."""
        return share > 0 and self.chance.random() < share

    def after(self, every: float) -> float:
        """Seconds until something happens that happens so often."""
        return self.chance.expovariate(1 / every)

    def latency(self) -> float:
        """Seconds on the way to a server and back, as a rule."""
        if self.happens(self.store_slow):
            return self.chance.uniform(0.1, 4.0)
        return self.chance.uniform(0.0005, 0.004)
