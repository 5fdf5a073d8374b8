/* SPDX-License-Identifier: GPL-2.0 */
/* What the processor can do, as the kernel asks it. */
#ifndef _TOOLS_ASM_CPUFEATURE_H
#define _TOOLS_ASM_CPUFEATURE_H

#include <stdbool.h>

#define X86_FEATURE_XMM4_2	"sse4.2"
#define boot_cpu_has(feature)	((bool)__builtin_cpu_supports(feature))

#endif /* _TOOLS_ASM_CPUFEATURE_H */
