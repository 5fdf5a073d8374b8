# SPDX-License-Identifier: GPL-2.0
# Completes verbs, options and devices of tmem-pmem-ctl.
# shellcheck shell=bash

# The options in the verb's help, which has a line for each.
_tmem_pmem_ctl_options()
{
	tmem-pmem-ctl help "$@" 2>/dev/null | sed -nE 's/^  (-.,|   ) (--[a-z]+) .*/\2/p'
}

# Directories below /sys/fs/cgroup, or as they are with that.
_tmem_pmem_ctl_cgroups()
{
	local top=${TMEM_SYSFS:-/sys}/fs/cgroup directory

	case $1 in
	"$top"/*) compgen -d -- "$1" ;;
	*)
		compgen -d -- "$top/${1#/}" | while IFS= read -r directory; do
			directory=${directory#"$top"}
			[ "${1#/}" != "$1" ] || directory=${directory#/}
			printf '%s\n' "$directory"
		done
		;;
	esac
}

_tmem_pmem_ctl_devices()
{
	local device

	for device in "${TMEM_SYSFS:-/sys}"/block/pmem*; do
		[ ! -e "$device" ] || printf '%s\n' "/dev/${device##*/}" "${device##*/}"
	done
}

_tmem_pmem_ctl_regions()
{
	local region

	for region in "${TMEM_SYSFS:-/sys}"/bus/nd/devices/region*; do
		[ ! -e "$region" ] || printf '%s\n' "${region##*/}"
	done
}

_tmem_pmem_ctl_namespaces()
{
	local namespace

	for namespace in "${TMEM_SYSFS:-/sys}"/bus/nd/devices/namespace*; do
		[ ! -e "$namespace" ] || printf '%s\n' "${namespace##*/}"
	done
}

_tmem_pmem_ctl()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local verb=${COMP_WORDS[1]} words
	local verbs='list create-namespace format attach detach marks resize share cgroups limit drain resume status stats
		top latency check destroy ssd doctor help version'
	local ssd_verbs='format attach detach enable disable forget status stats check'

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$verbs
	else
		case $verb,$before,$word in
		help,help,*) words=$verbs ;;
		help,ssd,* | ssd,ssd,*) words=$ssd_verbs ;;
		help,*) return ;;
		ssd,-l,* | ssd,--label,*) return ;;
		ssd,*,-*) words=$(_tmem_pmem_ctl_options ssd "${COMP_WORDS[2]}") ;;
		ssd,*)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		create-namespace,-r,* | create-namespace,--region,*) words=$(_tmem_pmem_ctl_regions) ;;
		create-namespace,-M,* | create-namespace,--map,*) words='mem dev' ;;
		create-namespace,-m,* | create-namespace,--mode,*) words=fsdax ;;
		create-namespace,-[sn],* | create-namespace,--size,* | create-namespace,--name,*) return ;;
		format,-l,* | format,--label,* | top,-[dn],* | top,--delay,* | top,--lines,*) return ;;
		stats,-[wn],* | stats,--watch,* | stats,--lines,*) return ;;
		*,*,-*) words=$(_tmem_pmem_ctl_options "$verb") ;;
		latency,*) words='on off' ;;
		limit,limit,*)
			mapfile -t COMPREPLY < <(_tmem_pmem_ctl_cgroups "$word")
			return
			;;
		marks,marks,* | resize,resize,* | share,share,* | format,* | attach,* | detach,* | check,* | destroy,*)
			words="$(_tmem_pmem_ctl_devices) $(_tmem_pmem_ctl_namespaces)"
			;;
		limit,* | resize,*) words=max ;;
		marks,* | share,*) return ;;
		*) words=$(_tmem_pmem_ctl_options "$verb") ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _tmem_pmem_ctl tmem-pmem-ctl
