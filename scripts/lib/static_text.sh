# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the lists of files are static.sh's
# Checks of the static lane that read the sources.

# checkpatch IGNORED-TYPES FILE...
checkpatch() {
	local ignore=$1

	shift
	[ $# -gt 0 ] || return 0
	# 6.12 has no kzalloc_obj().
	in_tree scripts/checkpatch.pl --no-tree --strict --terse \
		--show-types --no-summary --ignore "ALLOC_WITH_SIZEOF$ignore" \
		-f "${@/#/$NYX_IN_ROOT/}"
}

# Exceptions for checkpatch: compat.h wraps operations in macros, tracepoints have a
# layout of their own, and neither the guest's programs nor nyxctl are kernel code. nyxctl has
# texts of several sentences.
check_checkpatch() {
	local file bad=0 compat=() events=() tool=() guest=() rest=()

	for file in "${c_files[@]}"; do
		case $file in
		include/nyx/compat.h) compat+=("$file") ;;
		include/trace/events/*) events+=("$file") ;;
		scripts/nyxctl/*) tool+=("$file") ;;
		scripts/*) guest+=("$file") ;;
		*) rest+=("$file") ;;
		esac
	done
	checkpatch '' "${rest[@]}" || bad=1
	checkpatch ,MACRO_WITH_FLOW_CONTROL,MACRO_ARG_UNUSED "${compat[@]}" || bad=1
	checkpatch ,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE "${events[@]}" ||
		bad=1
	checkpatch ,VOLATILE,PREFER_KERNEL_TYPES,CAMELCASE "${guest[@]}" ||
		bad=1
	checkpatch ,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,ENOSYS,SPLIT_STRING \
		"${tool[@]}" || bad=1
	return "$bad"
}

check_kernel_doc() {
	in_tree scripts/kernel-doc -none -Wall -Werror \
		"${c_files[@]/#/$NYX_IN_ROOT/}"
}

check_codespell() {
	# Acronyms of the specification, and a field's name.
	in_chroot env --chdir="$NYX_IN_ROOT" codespell -L andd,fro,nd,parm \
		"${c_files[@]}" "${doc_files[@]}" "${sh_files[@]}" \
		"${row_files[@]}" "${make_files[@]}"
}

# write_plans: writes the plan of each row, which the guest would run. Rows are sourced
# as in matrix.sh.
write_plans() {
	local row

	rm -rf "$work/plans"
	mkdir "$work/plans"
	for row in "${row_files[@]}"; do
		(set +u	# variables that matrix.sh sets
		 plan=''
		 # shellcheck disable=SC1090 # each in turn
		 . "$NYX_ROOT/$row"
		 printf '%s\n' "$plan" >"$work/plans/${row##*/}")
	done
}

# Rows set and use variables of matrix.sh. Plans use functions and variables of the
# guest.
check_shellcheck() {
	local bad=0

	in_chroot env --chdir="$NYX_IN_ROOT" shellcheck -x -P SCRIPTDIR \
		"${sh_files[@]}" || bad=1
	in_chroot env --chdir="$NYX_IN_ROOT" shellcheck -s bash \
		-e SC1090,SC1091,SC2016,SC2034,SC2154 "${row_files[@]}" || bad=1
	write_plans
	in_chroot env --chdir="$NYX_IN_BUILD/static/plans" shellcheck -s dash \
		-e SC2034,SC2154 "${row_files[@]##*/}" || bad=1
	return "$bad"
}

# The guest sources its scripts one after another, so a function that is defined again
# replaces the earlier one without a message. It sources the tables of one vendor only.
check_functions() {
	local tables files bad=0

	mapfile -t files < <(find scripts/guest -name '*.sh' ! -name dmar.sh \
		! -name ivrs.sh | sort)
	for tables in dmar ivrs; do
		awk '
			/^[ \t]*[A-Za-z_][A-Za-z0-9_]*[ \t]*\(\)/ {
				name = $0
				sub(/^[ \t]*/, "", name)
				sub(/[ \t]*\(\).*/, "", name)
				here = FILENAME ":" FNR
				if (name in at) {
					print here ": " name "() is defined in " \
						at[name] " already"
					bad = 1
				}
				at[name] = here
			}
			END { exit bad || !length(at) }' \
			"${files[@]}" "scripts/guest/$tables.sh" || bad=1
	done
	return "$bad"
}

check_spdx() {
	local file line bad=0

	for file in "${c_files[@]}" "${sh_files[@]}" "${row_files[@]}" \
		    "${make_files[@]}"; do
		line=$(sed -n '/^#!/d; p; q' "$file")
		case $file in
		*.c) [ "$line" = '// SPDX-License-Identifier: GPL-2.0-only' ] ;;
		*.h) [ "$line" = '/* SPDX-License-Identifier: GPL-2.0-only */' ] ;;
		*) [ "$line" = '# SPDX-License-Identifier: GPL-2.0-only' ] ;;
		esac || { say "$file: the first line is not its SPDX line"; bad=1; }
	done
	return "$bad"
}

check_length() {
	wc -l "${c_files[@]}" "${sh_files[@]}" "${row_files[@]}" | awk '
		$2 != "total" && $1 > 600 {
			print $2 ": " $1 " lines, 600 are allowed"; bad = 1
		}
		END { exit bad }'
}

# Links between documents lead to existing files.
check_links() {
	local file link bad=0

	for file in "${doc_files[@]}"; do
		while read -r link; do
			[ -e "$(dirname "$file")/$link" ] ||
				{ say "$file: $link does not exist"; bad=1; }
		done < <(grep -oE '\]\([^)#]+' "$file" | cut -c3- |
			grep -vE '^[a-z]+:' || true)
	done
	return "$bad"
}

# code_columns SOURCE [FUNCTION]: prints the column names of a table, one on each line:
# the words that are printed without a number or variable, then the units' counters.
code_columns() {
	local text

	text=$(awk -v name="${2:-}" '
		name == "" || index($0, " " name "(") { on = 1 }
		on
		/^}/ && name != "" { on = 0 }' "$1" | tr '\n\t' '  ')
	{
		grep -oE 'seq_(printf|puts)\(m(, *"[^"]*")+\);' <<<"$text"
		grep -oE '\{ "[a-z_]+", NYX_STAT_' <<<"$text" || true
	} | awk -F'"' '
		/^[{]/ { print $2; next }
		{
			gsub(/\\n/, "", $2)
			words = split($2, word, " ")
			arg = 2
			for (i = 1; i <= words; i++)
				print word[i] ~ /^%/ ? $(arg += 2) : word[i]
		}' | grep -E '^[a-z][a-z0-9_:]*$'
}

# doc_columns FILE: prints the names in debugfs.md's table of that file, one on each
# line.
doc_columns() {
	awk -v head="## $1" '
		/^## / { on = $0 == head }
		on && /^[|] `/ {
			split($0, cell, "|")
			names = split(cell[2], name, "`")
			for (i = 2; i <= names; i += 2)
				print name[i]
		}' Documentation/debugfs.md
}

# example_columns FILE: prints the names in the first line of the file's example in
# debugfs.md, which may end with dots.
example_columns() {
	awk -v head="## $1" '
		/^## / { on = $0 == head }
		on && /^    / {
			for (i = 1; i <= NF && $i != "..."; i++)
				print $i
			exit
		}' Documentation/debugfs.md
}

# Tables in debugfs have the columns that debugfs.md documents, in the same order.
check_columns() {
	local source file function code shown bad=0

	while read -r source function file; do
		[ "$function" != - ] || function=
		code=$(code_columns "drivers/iommu/nyx/$source" "$function") ||
			die "$source: no column names found"
		diff -u --label "debugfs.md, $file" --label "$source" \
			<(doc_columns "$file") - <<<"$code" || bad=1
		shown=$(example_columns "$file")
		if [ -z "$shown" ] || [[ $code$'\n' != "$shown"$'\n'* ]]; then
			say "debugfs.md, $file: the example has other columns"
			bad=1
		fi
	done <<-EOF
	debugfs/units.c - units
	debugfs/diagnose.c nyx_diag_units_show units, with diagnose=1
	debugfs/devices.c - devices
	debugfs/domains.c - domains
	debugfs/interrupts.c - interrupts
	fault/format.c - faults
	lib/register_dump.c nyx_show_capability_header <unit>/capabilities
	lib/register_dump.c nyx_show_register_header <unit>/registers
	debugfs/entries.c - <unit>/entries
	debugfs/page_table.c - domain-<number>/page_table
	debugfs/history.c history_show domain-<number>/history
	debugfs/forensics.c forensics_show forensics
	debugfs/latency.c - latency
	EOF
	return "$bad"
}

check_versions() {
	none < <(grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h' \
		"${c_files[@]}" "${make_files[@]}")
}

# The core names the vendors only in main.c and in unit.h, which declares their tables,
# and in the data of quirks/.
# Formats of the engine, the built-in driver and one of the kernel's structs have the
# vendors' names.
check_vendors() {
	local files

	mapfile -t files < <(find drivers/iommu/nyx include/nyx -name '*.[ch]' \
		! -path '*/vtd/*' ! -path '*/amd/*' ! -path '*/quirks/*' | sort)
	none < <(grep -niE \
		'(^|[^a-z])(vtd|vt-d|intel|amd|amd-vi|dmar|ivrs)([^a-z]|$)' \
		"${files[@]}" |
		grep -vE -e '/main\.c:[0-9]+:.&nyx_[a-z]+,$' \
			-e '/unit\.h:[0-9]+:extern const struct nyx_vendor ' \
			-e '/pt/fmt/(vtdss|amdv1|x86)\.c:' \
			-e '/compat\.h:[0-9]+:.*(CONFIG_INTEL_IOMMU|intel_iommu_enabled|intel_iommu_pi_data$)')
}

# Functions of the kernel that are made to fail. They are listed here because the
# sources do not show them: some are only called by macros of the kernel.
kernel_functions='
__irq_domain_alloc_fwnode
__request_region
bus_register_notifier
iommu_device_register
iommu_device_sysfs_add
register_pm_notifier
request_threaded_irq
'

# is_function NAME: succeeds for a function in that list or of the module.
is_function() {
	grep -qx "$1" <<<"$kernel_functions" ||
		grep -rqE --include='*.c' "^[a-z][a-z0-9_ *]*[ *]$1\(" drivers
}

# Each step of nyx_init() that can fail is made to fail in the test machine, and the
# functions that are made to fail there exist.
check_failures() {
	local step function bad=0 steps functions

	steps=$(sed -n '/^static int __init nyx_init(/,/^}/s/.*\tret = \([a-z_]*\)(.*/\1/p' \
		drivers/iommu/nyx/main.c)
	[ -n "$steps" ] || die "no step found in nyx_init()"
	for step in $steps; do
		grep -qE "^(both|intel|amd) $step " scripts/guest/fail.sh ||
			{ say "scripts/guest/fail.sh does not have $step() fail"; bad=1; }
	done
	functions=$(awk "/^'/ { list = 0 } list { print \$3 }
			 /^LOAD_FAILURES='/ { list = 1 }" scripts/guest/fail.sh)
	[ -n "$functions" ] || die "no function found in LOAD_FAILURES"
	for function in $functions; do
		is_function "$function" ||
			{ say "scripts/guest/fail.sh: there is no $function()"; bad=1; }
	done
	return "$bad"
}

# No input and no hardware error may stop the machine. The exception is a unit that does not
# work after a sleep, because its devices would overwrite any memory.
check_no_panic() {
	none < <(grep -rnwE '(BUG|BUG_ON|VM_BUG_ON|panic) ?\(' drivers include |
		 grep -vE '^drivers/iommu/nyx/lifecycle/sleep.c:[0-9]+:.*panic ?\(')
}

check_dkms() {
	local version

	version=$(sed -nE 's/^#define NYX_VERSION "(.*)"$/\1/p' \
		drivers/iommu/nyx/version.h)
	[ -n "$version" ] || die "no NYX_VERSION in drivers/iommu/nyx/version.h"
	# shellcheck disable=SC2154 # dkms.conf sets them
	(kernel_source_dir=K parallel_jobs=1
	 . ./dkms.conf
	 [ "$PACKAGE_VERSION" = "$version" ] ||
		die "dkms.conf has version $PACKAGE_VERSION, version.h has $version"
	 [ "${BUILT_MODULE_LOCATION[0]}/${BUILT_MODULE_NAME[0]}" = \
	   drivers/iommu/nyx/nyx_iommu ] ||
		die "dkms.conf has another place for the module"
	 for rel in $NYX_RELEASES 6.13.0 6.20.1-1-pve 7.0.0-1-generic 10.1.0; do
		[[ $rel =~ $BUILD_EXCLUSIVE_KERNEL ]] ||
			die "dkms.conf does not admit $rel"
	 done
	 for rel in 6.1.0-1-amd64 6.11.0 5.15.0; do
		[[ ! $rel =~ $BUILD_EXCLUSIVE_KERNEL ]] ||
			die "dkms.conf admits $rel"
	 done)
	grep -qF "nyx-iommu/$version" README.md ||
		die "README.md names another version than $version"
	[ "$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)" = "$version" ] ||
		die "debian/changelog has another version than $version"
}

# The file of options names each parameter of the module once, with its default.
check_options() {
	local listed known name default
	local -a parameters

	listed=$(sed -nE 's/^#options nyx_iommu ([a-z_]+)=(.*)$/\1 \2/p' \
		debian/modprobe/nyx-iommu.conf)
	mapfile -t parameters < <(sed -nE '/^\| parameter \|/,/^$/ {
		s/^\| (`[^|]*) \| [^|]* \| ([^|]*) \|.*/\1 \2/p }' \
		Documentation/parameters.md)
	[ "${#parameters[@]}" -gt 0 ] || die "parameters.md has no table of parameters"
	# A line may name several parameters.
	known=$(printf '%s\n' "${parameters[@]}" | tr -d '\140,' | awk '
		{ for (i = 1; i < NF; i++) print $i, $NF }' |
		sed 's/ yes$/ 1/; s/ no$/ 0/')
	diff <(cut -d' ' -f1 <<<"$known" | sort) <(cut -d' ' -f1 <<<"$listed" | sort) ||
		die "the file of options and parameters.md name different parameters"
	while read -r name default; do
		[ "$default" = none ] || grep -qxF "$name $default" <<<"$listed" ||
			die "$name has the default $default, the file of options another one"
	done <<<"$known"
}
