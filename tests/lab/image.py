"""What a guest boots from: kernel, initramfs and a read-only image with Debian, Python and libraries.

``python -m tests.lab.image`` makes them in ``build/lab``; a second call with nothing changed ends at once.
The tree itself is no part of it: see ``tree.py``. Everything in an image belongs to root, and making
one needs no right of root.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.lab import debian
from tests.lab.modules import Modules
from tools.tiers import ROOT

HERE = Path(__file__).parent
HOME = debian.home()
KERNEL, INITRD, ROOTFS = HOME / "vmlinuz", HOME / "initrd", HOME / "root.squashfs"
STAMP = HOME / "image.stamp"
KERNEL_PACKAGE = re.compile(r"linux-(image|binary|modules|base-\d)")
PREFIX = Path("opt/kassd")  # in the guest
SOURCES = ("image.py", "debian.py", "modules.py", "packages.txt", "modules.txt", "box", "inside/agent.py")
PROGRAM = f"#!/{PREFIX}/venv/bin/python\nfrom kassd.__main__ import main\n\nraise SystemExit(main())\n"
NO_USE = ("test", "tests", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtledemo", "site-packages")
SQUASH = ("-noappend", "-all-root", "-comp", "lz4", "-no-progress", "-quiet", "-no-xattrs")
NEEDED_FIRST = ("virtio_blk.ko", "squashfs.ko", "overlay.ko")


def words(file: Path) -> list[str]:
    """The words of a list, comments aside."""
    return [
        word for line in file.read_text().splitlines() if not line.startswith("#") for word in line.split()
    ]


def state() -> str:
    """What the image depends on; another value means that it must be made anew."""
    digest = hashlib.sha256()
    parts = [HERE / name for name in SOURCES] + [ROOT / "uv.lock", ROOT / "systemd", ROOT / "udev"]
    for part in parts:
        for file in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.read_bytes())
    digest.update(sys.version.encode())
    return digest.hexdigest()


def make() -> None:
    """Make what is not there. Raises :class:`ModuleMissing` and :class:`debian.ArchiveError`."""
    wanted = state()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    STAMP.unlink(missing_ok=True)
    if platform.machine() != "x86_64":
        raise SystemExit("the laboratory's guests run this machine's own Python, and that must be for x86-64")
    archive = debian.Archive(HOME / "apt")
    archive.update()
    root, kernel = HOME / "root", HOME / "kernel"
    for folder in (root, kernel):
        shutil.rmtree(folder, ignore_errors=True)
    packages = archive.fetch(words(HERE / "packages.txt"))
    of_kernel = [package for package in packages if KERNEL_PACKAGE.match(package.name)]
    debian.unpack([package for package in packages if package not in of_kernel], root)
    debian.unpack(of_kernel, kernel)
    modules = Modules(kernel).install(words(HERE / "modules.txt"), root)
    shutil.copyfile(next(kernel.rglob("vmlinuz*")), KERNEL)
    _initramfs(root, modules)
    _system(root)
    _python(root)
    squash(root, ROOTFS)
    for folder in (root, kernel):
        shutil.rmtree(folder)
    STAMP.write_text(wanted)


def _initramfs(root: Path, modules: list[Path]) -> None:
    """busybox, the modules that lead to the image, and ``box/init``."""
    layout = HOME / "initramfs"
    shutil.rmtree(layout, ignore_errors=True)
    for folder in ("bin", "modules", "proc", "sys", "dev", "layer", "below", "system"):
        (layout / folder).mkdir(parents=True)
    shutil.copy(root / "usr/bin/busybox", layout / "bin/busybox")
    shutil.copy(HERE / "box/init", layout / "init")
    (layout / "init").chmod(0o755)
    names = []
    for module in modules:
        if module.name in NEEDED_FIRST:
            shutil.copy(module, layout / "modules")
            names.append(module.name)
    (layout / "modules/order").write_text("".join(f"{name}\n" for name in names))
    command = "find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet | gzip -1"
    with INITRD.open("wb") as packed:
        subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=layout, stdout=packed, check=True)
    shutil.rmtree(layout)


def _system(root: Path) -> None:
    """What the packages' scripts would have done, the units of the laboratory, and the box's own files."""
    etc = root / "etc"
    for kind in ("passwd", "group"):
        shutil.copy(root / f"usr/share/base-passwd/{kind}.master", etc / kind)
    for name in ("shadow", "gshadow", "fstab"):
        (etc / name).touch()
    (root / "var/.updated").touch()
    (etc / "machine-id").write_text(f"{'1ab0' * 8}\n")
    (etc / "hostname").write_text("kasse\n")
    _link(root / "usr/bin/awk", "mawk")
    subprocess.run(["/sbin/ldconfig", "-r", root], check=True)  # by its list libraries are found by name
    units = etc / "systemd/system"
    for name in words(HERE / "box/masked.txt"):
        _link(units / name, "/dev/null")
    _link(units / "default.target", "/usr/lib/systemd/system/multi-user.target")
    _put(HERE / "box/lab.service", units / "lab.service")
    _link(units / "multi-user.target.wants/lab.service", "../lab.service")
    _put(HERE / "box/mosquitto.conf", etc / "mosquitto/mosquitto.conf")
    _link(units / "multi-user.target.wants/mosquitto.service", "/usr/lib/systemd/system/mosquitto.service")
    _put(HERE / "box/journald.conf", etc / "systemd/journald.conf.d/lab.conf")
    _put(HERE / "box/manager.conf", etc / "systemd/system.conf.d/lab.conf")
    _put(HERE / "box/sysusers.conf", root / "usr/lib/sysusers.d/lab.conf")
    _put(HERE / "box/cpuinfo", root / "opt/lab/cpuinfo")
    _put(HERE / "inside/agent.py", root / "opt/lab/agent.py")
    _put(HERE / "box/kassd.conf", units / "kassd.service.d/lab.conf")
    _put(ROOT / "systemd/kassd.service", root / "usr/lib/systemd/system/kassd.service")
    _put(ROOT / "systemd/kassd.sysusers.conf", root / "usr/lib/sysusers.d/kassd.conf")
    _put(ROOT / "udev/70-kassd.rules", etc / "udev/rules.d/70-kassd.rules")
    (root / PREFIX / "tree").mkdir(parents=True)


def _python(root: Path) -> None:
    """This machine's Python and the libraries that ``uv.lock`` names, where every user may read them."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    interpreter, venv = root / PREFIX / "python", root / PREFIX / "venv"
    _put(Path(sys.base_prefix) / "bin" / version, interpreter / "bin" / version)
    shutil.copytree(
        sysconfig.get_path("stdlib"),
        interpreter / "lib" / version,
        symlinks=True,
        ignore=shutil.ignore_patterns(*NO_USE, "config-*", "*.a", "*tkinter*"),
    )
    shared = Path(sysconfig.get_config_var("LIBDIR")) / str(sysconfig.get_config_var("INSTSONAME"))
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and ".so" in shared.name:
        _put(shared.resolve(), root / "usr/lib/x86_64-linux-gnu" / shared.name)
    made = HOME / "venv"
    command = [ROOT / ".venv/bin/uv", "sync", "--quiet", "--frozen", "--no-dev", "--all-extras"]
    subprocess.run(
        [*command, "--no-install-project", "--compile-bytecode", "--python", sys.executable],
        cwd=ROOT,
        env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(made), "PYPI": "1"},
        check=True,
    )
    packages = venv / "lib" / version / "site-packages"
    shutil.copytree(made / "lib" / version / "site-packages", packages, symlinks=True)
    (packages / "kassd.pth").write_text(f"/{PREFIX}/tree\n")
    (venv / "pyvenv.cfg").write_text(f"home = /{PREFIX}/python/bin\ninclude-system-site-packages = false\n")
    _link(venv / "bin/python", f"/{PREFIX}/python/bin/{version}")
    program = root / "usr/bin/kassd"
    program.write_text(PROGRAM)
    program.chmod(0o755)


def squash(folder: Path, image: Path, *options: str) -> None:
    """Pack ``folder`` into a read-only file system in which everything belongs to root."""
    image.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mksquashfs", folder, image, *SQUASH, *options], check=True, stdout=subprocess.DEVNULL)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _link(place: Path, target: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(target)


if __name__ == "__main__":
    make()
