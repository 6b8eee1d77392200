"""Which lines the worklist's address asks for: read leniently, written back the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from server.co107.decision import STATES
from server.store.worklist import SORTS, Filter, Sort

_MOST = 80
DUE = ("7", "14", "30", "60", "past")
WHOSE = ("", "me", "nobody", "all")
WORKED = ("", "only", "all")


@dataclass(frozen=True, slots=True)
class Asked:
    """The worklist's own query. The defaults: open, mine and nobody's, not worked, by last day."""

    q: str = ""
    state: str = ""
    """A state; "" the open ones, `all` every one."""
    payer: str = ""
    reason: str = ""
    whose: str = ""
    """"" mine and nobody's, `me`, `nobody`, `all`, or a login."""
    due: str = ""
    worked: str = ""
    sort: Sort = "due"
    practice: str = ""
    view: str = ""
    """`groups`: by payer and reason."""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Asked:
        """From an address. What is not understood is as if it were not there."""
        named = {name: given.get(name, "").strip()[:_MOST] for name in cls.__slots__}
        state, sort, due = named["state"], named["sort"], named["due"]
        return cls(
            q=named["q"],
            state=state if state in STATES or state == "all" else "",
            payer=named["payer"],
            reason=named["reason"],
            whose=named["whose"].lower(),
            due=due if due in DUE else "",
            worked=named["worked"] if named["worked"] in WORKED else "",
            sort=next((one for one in SORTS if one == sort), "due"),
            practice=named["practice"],
            view="groups" if named["view"] == "groups" else "",
        )

    def query(self, **changes: str) -> str:
        """The address's query, without what is the default."""
        one = replace(self, **changes)  # type: ignore[arg-type]
        blank = Asked()
        return urlencode(
            {
                name: value
                for name in self.__slots__
                if (value := getattr(one, name)) != getattr(blank, name)
            }
        )

    def narrowed(self) -> bool:
        """Whether anything but the default is asked for."""
        return bool(replace(self, sort="due", practice="", view="").query())

    def filters(self, me: str, today: date) -> list[Filter]:
        """The filters to try in turn: what was typed may be a claim, a member id or a name."""
        if self.q:
            # Whoever looks for one patient or claim wants it whatever became of it.
            return [
                Filter(open_only=False, claim=self.q),
                Filter(open_only=False, member_id=self.q),
                Filter(open_only=False, last_name=self.q),
            ]
        assignee, assignees = self._whose(me)
        return [
            Filter(
                states=() if self.state in ("", "all") else (self.state,),
                reasons=(self.reason,) if self.reason else (),
                payers=(self.payer,) if self.payer else (),
                open_only=self.state != "all",
                due_to=self._due_to(today),
                assignee=assignee,
                assignees=assignees,
                worked={"": False, "only": True}.get(self.worked),
            )
        ]

    def _due_to(self, today: date) -> date | None:
        if not self.due:
            return None
        return today + timedelta(days=-1 if self.due == "past" else int(self.due))

    def _whose(self, me: str) -> tuple[str | None, tuple[str, ...]]:
        if self.whose == "":
            return None, ("", me)
        if self.whose == "all":
            return None, ()
        return {"me": me, "nobody": ""}.get(self.whose, self.whose), ()
