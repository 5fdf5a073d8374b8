// SPDX-License-Identifier: GPL-2.0
/* What is admitted: the state of admit.c, for all devices together. */
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "ssd.h"

struct tmem_ssd_admit tmem_ssd_admit;
DEFINE_PER_CPU(unsigned long [TMEM_SSD_REFUSALS], tmem_ssd_refused);

static unsigned long counted_pages;
module_param(counted_pages, ulong, 0400);
MODULE_PARM_DESC(counted_pages,
	"Pages whose evictions are counted, 4 bytes each (default: as many as the devices hold, but no more than the machine has)");

int tmem_ssd_policy_init(void)
{
	const struct tmem_ssd_admit_config config = {
		.policy = TMEM_SSD_POLICY_FREQUENCY,
		.sequential_pages = TMEM_SSD_SEQUENTIAL_PAGES,
		.dwpd_percent = TMEM_SSD_DWPD_PERCENT,
	};

	return tmem_ssd_admit_init(&tmem_ssd_admit, &config, get_random_u64());
}

void tmem_ssd_policy_exit(void)
{
	tmem_ssd_admit_exit(&tmem_ssd_admit);
}

/* Budget and counters follow from the size of all devices. Context: tmem_ssd_lock held. */
void tmem_ssd_policy_resize(void)
{
	u64 bytes = 0, pages;
	unsigned int i;

	for (i = 0; i < TMEM_SSD_DEVICES_MAX; i++) {
		struct tmem_ssd_device *device = tmem_ssd_device_at(i);

		if (device)
			bytes += device->super.data_bytes;
	}
	pages = bytes / TMEM_SSD_BLOCK_BYTES * TMEM_SSD_COUNTED_PERCENT / 100;
	if (pages)
		pages = counted_pages ?: min_t(u64, pages, totalram_pages());
	tmem_ssd_admit_resize(&tmem_ssd_admit, bytes, pages);
}
