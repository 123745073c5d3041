"""A training program: data, a network, flags, and what is wrong with it."""
import dataclasses
from typing import Callable, Optional

from faults.files import Made


@dataclasses.dataclass(frozen=True)
class Program:
    """One call of `rectify train`.

    `group` and `name` are the run's folder. `expect`: causes of which one must be the first
    finding; "dead_units@relu2" is that cause at that place. Empty: nothing is wrong. `edit` changes
    the tensors of the finished model. `fixed` is the same program without its fault. `mendable`: a
    flag or another network can mend it, since the fault is not in the data or a finished model."""
    group: str
    name: str
    data: object
    model: str
    flags: dict
    expect: frozenset = frozenset()
    fixed: Optional["Program"] = None
    edit: Optional[Callable] = None
    mendable: bool = True

    def but(self, **changes):
        """The same with other fields; `flags` are added, a flag of None is taken away."""
        flags = {**self.flags, **changes.pop("flags", {})}
        flags = {flag: value for flag, value in flags.items() if value is not None}
        return dataclasses.replace(self, flags=flags, **changes)

    def seeded(self, seed):
        fixed = self.fixed.seeded(seed) if self.fixed else None
        name = f"{self.name}-{seed}"
        return dataclasses.replace(self, name=name, fixed=fixed,
                                   flags={**self.flags, "--seed": str(seed)})

    def words(self, place):
        """The flags as they are typed."""
        data = self.data.spec(place) if isinstance(self.data, Made) else place.fill(self.data)
        found = ["--data", data, "--model", self.model]
        if "--optimizer" not in self.flags:  # as the documents' figures were measured
            found += ["--optimizer", "nesterov"]
        for flag, value in self.flags.items():
            found += [flag, value.spec(place) if isinstance(value, Made) else str(value)]
        return found


def flags(text):
    """{"--lr": "0.1"} of "lr=0.1 batch=32"."""
    return {"--" + word.split("=")[0]: word.split("=")[1] for word in text.split()}
