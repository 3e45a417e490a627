"""D02, D10: the power fails while a poller writes, and what it had confirmed is on the disk. D05: the disk is full, and then is not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CONTROL_CUTS = 3


def apart(module: str, *arguments: str) -> dict[str, Any]:
    """What a rig says that mounts file systems, in a name space of its own. Where that cannot be, the test says so and does not run."""
    tools = [name for name in ("unshare", "mount", "umount", "mkfs.ext4") if shutil.which(name) is None]
    if os.geteuid() != 0 or tools:
        pytest.skip(f"power cuts and full disks need root and {', '.join(tools) or 'mount'}: run 'make faults' as root")
    if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], check=False, capture_output=True).returncode:
        pytest.skip("power cuts and full disks need to mount file systems, which is not allowed here: run 'make faults' where it is")
    command = ["unshare", "-m", sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    if "failed to setup loop device" in done.stderr:
        pytest.skip("power cuts need loop devices, of which there is none here: run 'make faults' where there are")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.mark.faults
@pytest.mark.slow
def test_what_was_confirmed_outlives_a_power_cut(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Items, validators and all, whole or not there."""
    asked = request.config.getoption("--cuts")
    report = apart("tests.ingest.cutting_power", str(tmp_path), str(asked))
    sys.stdout.write(f"power cuts, synchronous=FULL: {report}\n")
    assert (report["cuts"], report["losing"], report["wrong"]) == (asked, 0, [])
    assert report["confirmed"] >= asked


@pytest.mark.faults
@pytest.mark.slow
def test_a_database_that_waits_less_for_the_disk_is_found_out(tmp_path: Path) -> None:
    """The control: with NORMAL the rig sees what is lost, or it is blind."""
    report = apart("tests.ingest.cutting_power", str(tmp_path), str(CONTROL_CUTS), "NORMAL")
    sys.stdout.write(f"power cuts, synchronous=NORMAL: {report}\n")
    assert report["losing"] > 0


@pytest.mark.faults
def test_a_full_disk_costs_nothing_and_polling_goes_on_when_there_is_room() -> None:
    """6 MB, until nothing more fits; then what stands is read, and after 1 MB is freed a kill comes in, and the rest."""
    report = apart("tests.ingest.filling_disk")
    sys.stdout.write(f"a disk of 6 MB: {report}\n")
    assert "full" in report["refused"]
    assert report["before"] == report["read"] > 0
    assert report["wrong"] == []
    assert report["killed"]
    assert report["after"] > report["before"]
