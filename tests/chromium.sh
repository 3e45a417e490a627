# The browser tests need a Chromium. Where there is none, take Debian's, which needs root; else say what to do.
set -eu
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core fonts-dejavu-core >/dev/null
    exit 0
fi
echo "The browser tests need Chromium: apt install chromium (or your system's like), then make test again." >&2
exit 1
