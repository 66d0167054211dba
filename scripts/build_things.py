"""Copy the drawings of the bundled things out of their npm package; only a developer who adds a thing runs this.

npm pack @lobehub/fluent-emoji-3d@1.1.0
python scripts/build_things.py lobehub-fluent-emoji-3d-1.1.0.tgz
"""

import argparse
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from omniedit.sprites import THINGS  # noqa: E402  (the checkout goes before what is installed)

TARGET = ROOT / "assets" / "sprites" / "things"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path)
    codes = sorted({code for thing in THINGS.values() for code in thing.drawings})
    TARGET.mkdir(parents=True, exist_ok=True)
    with tarfile.open(parser.parse_args().package) as package:
        held = set(package.getnames())
        for code in codes:
            # FE0F asks for the coloured form of a character that also has a black one
            names = [f"package/assets/{code}{end}.webp" for end in ("", "-fe0f")]
            name = next((name for name in names if name in held), None)
            file = package.extractfile(name) if name else None
            if file is None:
                sys.exit(f"The package holds no drawing {code}; mend it in omniedit/sprites.py.")
            (TARGET / f"{code}.webp").write_bytes(file.read())
    for stray in set(TARGET.glob("*.webp")) - {TARGET / f"{code}.webp" for code in codes}:
        stray.unlink()
    size = sum(path.stat().st_size for path in TARGET.glob("*.webp"))
    print(f"Wrote {len(codes)} drawings, {size / 2**20:.1f} MiB, to {TARGET}.")


if __name__ == "__main__":
    main()
