// SPDX-License-Identifier: GPL-2.0
/* What is admitted: the state of admit.c, for all devices together. */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "ssd.h"

struct tmem_ssd_admit tmem_ssd_admit;
DEFINE_PER_CPU(unsigned long [TMEM_SSD_REFUSALS], tmem_ssd_refused);

static unsigned long ghost_pages;
module_param(ghost_pages, ulong, 0400);
MODULE_PARM_DESC(ghost_pages,
	"Evicted pages to remember, 2 bytes each (default: as many as the machine has)");

int tmem_ssd_policy_init(void)
{
	const struct tmem_ssd_admit_config config = {
		.policy = TMEM_SSD_POLICY_SECOND,
		.sequential_pages = TMEM_SSD_SEQUENTIAL_PAGES,
		.dwpd_percent = TMEM_SSD_DWPD_PERCENT,
	};

	if (!ghost_pages)
		ghost_pages = totalram_pages();
	return tmem_ssd_admit_init(&tmem_ssd_admit, &config, ghost_pages, get_random_u64());
}

void tmem_ssd_policy_exit(void)
{
	tmem_ssd_admit_exit(&tmem_ssd_admit);
}

/* The budget follows from the size of all devices. Context: tmem_ssd_lock held. */
void tmem_ssd_policy_resize(void)
{
	u64 bytes = 0;
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		struct tmem_ssd_device *device =
			rcu_dereference_protected(tmem_ssd_devices[i],
						  lockdep_is_held(&tmem_ssd_lock));

		if (device)
			bytes += device->super.data_bytes;
	}
	WRITE_ONCE(tmem_ssd_admit.config.capacity_bytes, bytes);
}
