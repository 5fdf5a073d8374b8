# SPDX-License-Identifier: GPL-2.0
# What every script of this tree shares: messages, the cache directory, locks, root.
# shellcheck shell=bash
# shellcheck disable=SC2034

shopt -s inherit_errexit

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
PROGRAM=${0##*/}
CACHE=${TMEM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tmem}
mkdir -p "$CACHE/tmp" "$CACHE/lock"
CACHE=$(cd "$CACHE" && pwd -P)

say() { printf '%s: %s\n' "$PROGRAM" "$*" >&2; }
warn() { printf '%s: warning: %s\n' "$PROGRAM" "$*" >&2; }
die() { printf '%s: error: %s\n' "$PROGRAM" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		die "need root (or sudo) for: $*"
	fi
}

# hash_of FILE... -- ARG...: 16 hex digits that change with any of the inputs.
hash_of()
{
	local files=()

	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		files+=("$1")
		shift
	done
	{
		[ ${#files[@]} -eq 0 ] || cat "${files[@]}"
		printf '%s\n' "$@"
	} | sha256sum | cut -c1-16
}

# with_lock NAME COMMAND...: run COMMAND while holding the cache lock NAME.
# The lock stays out of the command's descriptors, so that nothing the command
# leaves behind can keep it.
with_lock()
{
	local name=$1 fd status=0

	shift
	exec {fd}>"$CACHE/lock/$name"
	if ! flock -n "$fd"; then
		say "waiting for another run to finish with $name"
		flock -w "${TMEM_LOCK_TIMEOUT:-3600}" "$fd" || die "lock $name is held for too long"
	fi
	# Not "|| status=$?": that would switch errexit off inside the command.
	set +e
	(set -e; exec {fd}>&-; "$@")
	status=$?
	set -e
	exec {fd}>&-
	return $status
}

# scratch_dir: a fresh directory on the cache's filesystem, for build-then-rename.
scratch_dir()
{
	mktemp -d "$CACHE/tmp/XXXXXXXX"
}

# publish TMP FINAL: make a finished directory or file visible in one step.
publish()
{
	mkdir -p "$(dirname "$2")"
	if [ -e "$2" ]; then
		as_root rm -rf "$2"
	fi
	mv -T "$1" "$2"
}

# drop_stale GLOB_PREFIX KEEP: note that KEEP is in use, delete entries of the same kind that
# nobody used for three days, and what interrupted runs left more than a day ago.
drop_stale()
{
	local entry

	touch "$2"
	for entry in "$1"*; do
		if [ ! -e "$entry" ] || [ "$entry" = "$2" ]; then
			continue
		fi
		[ -z "$(find "$entry" -maxdepth 0 -mtime +2)" ] || as_root rm -rf "$entry"
	done
	find "$CACHE/tmp" -mindepth 1 -maxdepth 1 -mtime +0 -exec rm -rf {} + 2>/dev/null || true
}
