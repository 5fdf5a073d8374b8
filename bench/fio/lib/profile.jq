# SPDX-License-Identifier: GPL-2.0
# Instructions of a pair by what they are for: categories down, rows across. $categories holds the list.
# What the program itself does is left out; it is not part of a pair.

. as $rows | $categories[0] as $categories |

# The first category whose expression matches, with the caller's other instructions in the last.
def category: . as $name | first(($categories[] | select(.[1] as $re | $name | test($re)) | .[0]), "other");

($rows | map(.pages_in as $pages | .counted.symbols | to_entries |
	map({category: (.key | category), per_pair: (.value[0] / $pages)}) | group_by(.category) |
	map({key: .[0].category, value: (map(.per_pair) | add | round)}) | from_entries)) as $columns |
(["what"] + ($rows | map(.contender + " \(.writes) %")) | join("|")),
(($categories | map(.[0])) + ["other"] | .[] as $c |
	[$c] + ($columns | map(.[$c] // 0 | tostring)) | join("|")),
(["sum"] + ($columns | map([.[]] | add | tostring)) | join("|"))
