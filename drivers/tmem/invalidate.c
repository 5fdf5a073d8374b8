// SPDX-License-Identifier: GPL-2.0
/* The way out: the kernel freed swap slots, so their copies are forgotten. */
#include <linux/rcupdate.h>

#include "core.h"
#include "trace.h"

/**
 * tmem_invalidate() - forget the copies of a run of slots
 * @type: swap area
 * @offset: first slot
 * @count: slots in the run
 *
 * Context: any but NMI; interrupts may be off.
 */
void tmem_invalidate(unsigned int type, pgoff_t offset, unsigned long count)
{
	struct tmem_area *area = tmem_area(type);
	struct tmem_key key = { type, offset };
	unsigned long i;

	if (!area)
		return;
	rcu_read_lock();
	for (i = 0; i < count; i++, key.offset++) {
		u32 place = tmem_entry_clear(&area->entries[key.offset]);

		if (!place)
			continue;
		tmem_place_free(key, place);
		tmem_area_emptied(area, key.offset, place, TMEM_PLACE_NONE);
		tmem_count(TMEM_EVENT_invalidates);
		trace_tmem_invalidate(key.type, key.offset, place);
	}
	rcu_read_unlock();
}
