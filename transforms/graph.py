"""Which table is computed from which: order, upstream, downstream, cycles. Knows names only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from heapq import heapify, heappop, heappush

from transforms.names import TableName


class Graph:
    """`inputs` maps every name to what it is computed from; names that only occur as inputs belong to it too."""

    def __init__(self, inputs: Mapping[TableName, Collection[TableName]]) -> None:
        self._inputs: dict[TableName, tuple[TableName, ...]] = {
            name: tuple(sorted(set(above))) for name, above in inputs.items()
        }
        for above in list(self._inputs.values()):
            for name in above:
                self._inputs.setdefault(name, ())

    def inputs(self, name: TableName) -> tuple[TableName, ...]:
        """What a table is computed from, one step up."""
        return self._inputs.get(name, ())

    def outputs(self, name: TableName) -> tuple[TableName, ...]:
        """What is computed from a table, one step down."""
        return self._outputs.get(name, ())

    def height(self, name: TableName) -> int:
        """How many steps the longest way down from a table has; 0 when nothing is computed from it."""
        return self._heights.get(name, 0)

    @cached_property
    def _heights(self) -> dict[TableName, int]:
        heights: dict[TableName, int] = {}
        for name in reversed(self.order):
            heights[name] = max((heights.get(below, 0) + 1 for below in self.outputs(name)), default=0)
        return heights

    @cached_property
    def _outputs(self) -> dict[TableName, tuple[TableName, ...]]:
        below: dict[TableName, list[TableName]] = {}
        for name in sorted(self._inputs):
            for above in self._inputs[name]:
                below.setdefault(above, []).append(name)
        return {name: tuple(names) for name, names in below.items()}

    @property
    def order(self) -> tuple[TableName, ...]:
        """Every name after all of its inputs; equals by name. Names in or below a cycle come last, by name."""
        ordered, knotted = self._sorted
        return (*ordered, *knotted)

    @cached_property
    def _sorted(self) -> tuple[list[TableName], list[TableName]]:
        waiting = {name: len(above) for name, above in self._inputs.items()}
        ready = [name for name, count in waiting.items() if not count]
        heapify(ready)
        order: list[TableName] = []
        while ready:
            name = heappop(ready)
            order.append(name)
            for below in self.outputs(name):
                waiting[below] -= 1
                if not waiting[below]:
                    heappush(ready, below)
        return order, sorted(set(self._inputs).difference(order))

    def sort(self, names: Iterable[TableName]) -> tuple[TableName, ...]:
        """Some names in dependency order."""
        wanted = set(names)
        return tuple(name for name in self.order if name in wanted)

    def upstream(self, names: Iterable[TableName]) -> set[TableName]:
        """The names and everything that they are computed from."""
        return self._reached(names, self.inputs)

    def downstream(self, names: Iterable[TableName]) -> set[TableName]:
        """The names and everything that is computed from them."""
        return self._reached(names, self.outputs)

    @staticmethod
    def _reached(names: Iterable[TableName], step: Callable[[TableName], tuple[TableName, ...]]) -> set[TableName]:
        reached: set[TableName] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting.extend(step(name))
        return reached

    def cycles(self) -> list[tuple[TableName, ...]]:
        """One cycle for each group of tables that need each other; it begins and ends with the same name."""
        found, settled = [], set[TableName]()
        for name in self._sorted[1]:
            if name in settled:
                continue
            settled.add(name)
            cycle = self._way_back(name)
            if cycle:
                found.append(cycle)
                settled.update(self.knot(name))
        return found

    def knot(self, name: TableName) -> set[TableName]:
        """The tables that need this one and that it needs, itself included: more than itself only on a cycle."""
        return self.upstream([name]) & self.downstream([name])

    def untied(self) -> Graph:
        """The same without the needs among the tables of a knot, so that everything has an order."""
        inputs = dict(self._inputs)
        for cycle in self.cycles():
            knot = self.knot(cycle[0])
            inputs.update({name: tuple(above for above in inputs[name] if above not in knot) for name in knot})
        return Graph(inputs)

    def _way_back(self, start: TableName) -> tuple[TableName, ...]:
        """The shortest way from a name over its inputs to itself; empty when there is none."""
        came: dict[TableName, TableName] = {}
        waiting = deque([start])
        while waiting:
            name = waiting.popleft()
            for above in self.inputs(name):
                if above == start:
                    way = [start, name]
                    while way[-1] != start:
                        way.append(came[way[-1]])
                    return (start, *reversed(way[1:-1]), start) if name != start else (start, start)
                if above not in came:
                    came[above] = name
                    waiting.append(above)
        return ()
