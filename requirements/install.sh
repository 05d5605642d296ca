#!/bin/sh
# install.sh server|dev: .venv with the pinned packages of that set and the project itself, editable.
# Takes $PYTHON where it is given, else the first of the usual names that fits. One line on stderr and exit 1 otherwise.
set -eu
cd "$(dirname "$0")/.."
set_name=$1

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; }

find_python() {
    without_venv=
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        fits "$name" || continue
        if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            found=$name
            return
        fi
        without_venv=${without_venv:-$name}
    done
    if [ -n "$without_venv" ]; then
        version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "Python $version trên máy này thiếu venv/ensurepip. Xin cài thêm (Debian, Ubuntu): sudo apt install python$version-venv  [hoặc: python3-venv]" >&2
    else
        echo "Cần Python 3.11 đến 3.14${PYTHON:+ (PYTHON=$PYTHON không dùng được)}. Xin cài (Debian, Ubuntu): sudo apt install python3 python3-venv; hoặc chỉ rõ: make PYTHON=/đường/dẫn/python3.12 …" >&2
    fi
    exit 1
}

# A folder that an interrupted run left half made has no working pip and is made again.
if ! { fits .venv/bin/python && .venv/bin/python -m pip --version; } >/dev/null 2>&1; then
    find_python
    "$found" -m venv --clear .venv
fi

echo "Đang cài các gói vào .venv ($set_name); lần đầu mất vài phút …"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 PIP_USER=0
.venv/bin/python -m pip install --quiet --require-hashes -r "requirements/$set_name.txt"
.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .

touch .venv/.server
[ "$set_name" = server ] || touch .venv/.dev
