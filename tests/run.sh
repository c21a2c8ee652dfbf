#!/usr/bin/env bash
# Sets up everything and runs the tests: a virtual environment in .venv (or $BEHOV_XL_VENV), the pinned packages, and
# LibreOffice and Chromium, which the tests open real workbooks and reports in. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v soffice >/dev/null || missing+=(libreoffice-calc)
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v pdftoppm >/dev/null || missing+=(poppler-utils)
[ -e /usr/lib/python3/dist-packages/uno.py ] || missing+=(python3-uno)
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing ${missing[*]}" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" fonts-crosextra-carlito >/dev/null
  else
    echo "Missing: ${missing[*]}. Install them (Debian: apt-get install ${missing[*]})." >&2
    if [ "${CI:-}" = true ] || [[ " ${missing[*]} " == *" python3-venv "* ]]; then exit 1; fi
    echo "Going on without; the tests that need them will fail and say so." >&2
  fi
fi

venv=${BEHOV_XL_VENV:-.venv}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
exec "$venv/bin/python" -m pytest -n "${BEHOV_XL_TEST_JOBS:-2}" "$@"
