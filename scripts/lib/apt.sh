# SPDX-License-Identifier: GPL-2.0
# A private apt in the cache directory: other Debian suites, without touching /etc/apt.
# shellcheck shell=bash
# Needs common.sh.

APT_MAX_AGE_MINUTES=${TMEM_APT_MAX_AGE:-1440}
APT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror_of main|security: base URI of the archive, as the system's apt has it.
mirror_of()
{
	local uris

	uris=$(apt-get --print-uris update 2>/dev/null |
		sed -n "s|^'\(.*\)/dists/[^ ]*/InRelease'.*|\1|p")
	case $1 in
	main) printf '%s\n' "$uris" | grep -v security | head -n 1 ;;
	security)
		if printf '%s\n' "$uris" | grep -q security; then
			printf '%s\n' "$uris" | grep security | head -n 1
		else
			printf '%s-security\n' "$(mirror_of main)"
		fi
		;;
	esac
}

# apt_line SUITE: the sources.list line of one suite.
apt_line()
{
	local kind=main option=

	case $1 in
	*-security) kind=security ;;
	esac
	[ ! -e "$APT_KEYRING" ] || option="[signed-by=$APT_KEYRING] "
	printf 'deb %s%s %s main\n' "$option" "$(mirror_of $kind)" "$1"
}

# apt_use SUITE...: later apt_* calls read these suites.
apt_use()
{
	local suite

	APT_DIR=$CACHE/apt/$(hash_of -- "$@")
	mkdir -p "$APT_DIR/lists/partial" "$APT_DIR/archives/partial"
	# Another run may be reading the list meanwhile.
	for suite in "$@"; do
		apt_line "$suite"
	done >"$APT_DIR/sources.list.$$"
	mv "$APT_DIR/sources.list.$$" "$APT_DIR/sources.list"
	APT_OPTIONS=(
		-o "Dir::Etc::SourceList=$APT_DIR/sources.list"
		-o Dir::Etc::SourceParts=/dev/null
		-o Dir::Etc::Preferences=/dev/null
		-o Dir::Etc::PreferencesParts=/dev/null
		-o "Dir::State::Lists=$APT_DIR/lists"
		-o "Dir::Cache=$APT_DIR"
		-o APT::Sandbox::User=root
		-o APT::Architecture=amd64
		-o Acquire::Languages=none
	)
}

# apt_refresh: update the lists when they are older than TMEM_APT_MAX_AGE minutes.
# A failing update is only an error when there are no lists at all.
apt_refresh()
{
	local stamp=$APT_DIR/stamp

	if [ -e "$stamp" ] &&
	   cmp -s "$APT_DIR/sources.list" "$APT_DIR/sources.list.used" &&
	   [ -n "$(find "$stamp" -mmin "-$APT_MAX_AGE_MINUTES")" ]; then
		return
	fi
	if timeout 600 apt-get "${APT_OPTIONS[@]}" -qq --error-on=any update >&2; then
		cp "$APT_DIR/sources.list" "$APT_DIR/sources.list.used"
		touch "$stamp"
	elif [ -e "$stamp" ]; then
		warn "package lists cannot be updated, using those of $(date -r "$stamp" +%F)"
	else
		die "package lists cannot be fetched"
	fi
}

# apt_versions REGEX: "name version" of the packages whose name matches, oldest first.
apt_versions()
{
	apt-cache "${APT_OPTIONS[@]}" search --names-only "$1" | cut -d' ' -f1 |
		xargs -r apt-cache "${APT_OPTIONS[@]}" madison |
		awk -F' *[|] *' '{ sub(/^ +/, "", $1); print $1, $2 }' | sort -u | sort -k2,2V -k1,1V
}

# apt_memo COMMAND...: its output, computed again only after the lists changed.
apt_memo()
{
	local answer
	answer=$APT_DIR/memo-$(hash_of -- "$(declare -f "$1")" "$@")

	if [ ! -s "$answer" ] || [ "$APT_DIR/stamp" -nt "$answer" ]; then
		"$@" >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	cat "$answer"
}

# apt_depends PACKAGE=VERSION: its direct dependencies, one "name" a line.
apt_depends()
{
	apt-cache "${APT_OPTIONS[@]}" show "$1" |
		sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/^ *//; s/[ |].*//'
}

# apt_fetch DIR PACKAGE=VERSION...: download and unpack into DIR.
apt_fetch()
{
	local dir=$1 debs deb

	shift
	debs=$(scratch_dir)
	(cd "$debs" && timeout 1800 apt-get "${APT_OPTIONS[@]}" -qq download "$@" >&2) ||
		die "cannot download $*"
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	rm -rf "$debs"
}

# bootstrap SUITE DIR OPTION... : mmdebstrap a tree of SUITE, sources from standard input.
# The machine's own way of fetching (proxy, retries, checks of dates) holds there too.
bootstrap()
{
	local suite=$1 dir=$2 log setting options=()

	shift 2
	while IFS= read -r setting; do
		options+=("--aptopt=$setting")
	done < <(apt-config dump | grep -E '^Acquire::(Check-|Retries|https?::)' | grep -v '""' |
		sed 's/;$//')
	log=$(scratch_dir)
	as_root timeout 1800 mmdebstrap "${options[@]}" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$@" "$suite" "$dir" - >"$log/log" 2>&1 || {
		tail -n 20 "$log/log" >&2
		die "cannot build a tree of $suite"
	}
	rm -rf "$log"
}
