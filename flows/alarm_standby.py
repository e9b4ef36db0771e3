"""Telling that there is no sheet where the settings cannot be opened: who is told may be known all the same.

``alarms.toml`` is read by itself, so that a slip of the pen in another file of the settings silences nobody. Where the
settings folder is gone, or that file has a fault itself, one outside the settings stands in. It has an outbox of its
own: what waits for the usual receivers goes on waiting for them.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from flows.alarm_outbox import Outbox, take_in
from flows.alarm_settings import FILE, AnyReceiver, read_receivers
from flows.alarms import Voice
from flows.emergency import Known
from flows.results import named
from flows.settings_faults import Fault, SettingsError
from flows.store import Run, Store
from flows.telling import Told, deliver

#: Names a folder outside the settings with an ``alarms.toml`` of its own.
STANDBY = "LAGESBILD_ALARMS"


def standby_folder() -> Path | None:
    """The folder that stands in; None where the environment names none."""
    named_folder = os.environ.get(STANDBY)
    return Path(named_folder) if named_folder else None


def standby_receivers() -> dict[str, AnyReceiver]:
    """Who is told where the settings' own receivers cannot be read. Raises SettingsError, also for nobody."""
    folder = standby_folder()
    return _read_standby(folder) if folder else {}


def _read_standby(folder: Path) -> dict[str, AnyReceiver]:
    if not (folder / FILE).is_file():
        raise SettingsError(folder.name, [Fault(FILE, "", f"is not in {folder}, which {STANDBY} names", "write it")])
    return read_receivers(folder)


def tell_without_settings(store: Store, known: Known, folder: Path | None, run: Run, *, is_emergency: bool) -> Told:
    """Tell that no sheet was made since the settings of ``folder`` have faults. Never raises.

    ``known`` is what can be said without them; ``is_emergency``: a *nödblad* lies in the sheet's place.
    """
    faults: list[str] = []
    voice = Voice(known.town, known.language, known.zone, run.now())
    alarm = voice.no_sheet(known.last_at, is_made_now=False, is_emergency=is_emergency, why="no_sheet.settings")
    places = [(folder, store.alarms, read_receivers), (standby_folder(), store.alarms / "standby", _read_standby)]
    for place, kept, read in places:
        try:
            receivers = read(place) if place else {}
            if place is None or not any(alarm.kind in receiver.tells for receiver in receivers.values()):
                continue
            outbox = Outbox(kept)
            news = outbox.change(partial(take_in, alarms=[alarm], looked_at=(), receivers=receivers, now=run.now()))
            told = deliver(outbox, place, receivers, run)
            told.news, told.faults = news, (*faults, *told.faults)
            return told
        except SettingsError as error:
            faults.append(str(error))
        except Exception as error:  # whatever it is: the page is written, and the next morning tells again
            faults.append(named(error))
    return Told(faults=tuple(faults) or (f"nobody: neither {FILE} nor {STANDBY} names a receiver of no_sheet",))
