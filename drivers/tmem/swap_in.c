// SPDX-License-Identifier: GPL-2.0
/*
 * How much is brought in when a page is missed that is stored here: the page alone, or the large folio that
 * was swapped out.
 *
 * From a device whose requests take time the kernel reads neighbours ahead, page by page. A page that is
 * stored here is copied by the processor, and so would each neighbour be: reading ahead saves nothing. A
 * large folio does save: one fault, one copy, one entry in the lists of reclaim. The kernel brings in large
 * folios only where it can do without the swap cache; here they go through it, so that the copies can stay.
 *
 * All or nothing: the folio is filled before anybody can see it. If a page of it is not here any more, or is
 * lost, nothing has happened, and the page that was missed comes alone. Nobody else can bring in a page of it
 * meanwhile: all slots are marked as having a page in the swap cache, which is how the kernel itself keeps
 * a slot for who brings it in.
 */
#include <linux/gfp.h>
#include <linux/huge_mm.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/static_call.h>
#include <linux/swap.h>
#include <linux/userfaultfd_k.h>

#include "core.h"
#include "signatures.h"
#include "swap_device.h"
#include "swap_in.h"
#include "symbols.h"

/* Functions of the kernel that modules do not get, and how each is called, see DEFINE_TMEM_SIGNATURE(). */
#define FUNCTIONS(X)										\
	X(read_swap_cache_async, struct folio *, (swp_entry_t, gfp_t, struct vm_area_struct *,	\
						  unsigned long, struct swap_iocb **))		\
	X(add_to_swap_cache, int, (struct folio *, swp_entry_t, gfp_t, void **))		\
	X(swapcache_prepare, int, (swp_entry_t, int))						\
	X(swapcache_clear, void, (struct swap_info_struct *, swp_entry_t, int))			\
	X(mem_cgroup_swapin_charge_folio, int, (struct folio *, struct mm_struct *, gfp_t,	\
						swp_entry_t))					\
	X(mem_cgroup_swapin_uncharge_swap, void, (swp_entry_t, unsigned int))			\
	X(lookup_swap_cgroup_id, unsigned short, (swp_entry_t))					\
	X(workingset_refault, void, (struct folio *, void *))					\
	X(vma_thp_gfp_mask, gfp_t, (struct vm_area_struct *))					\
	X(__thp_vma_allowable_orders, unsigned long, (struct vm_area_struct *, unsigned long,	\
						      unsigned long, unsigned long))

#define DEFINE_FUNCTION(_name, _result, _arguments)						\
	DEFINE_TMEM_SIGNATURE(_name, _result, _arguments);					\
	DEFINE_STATIC_CALL_NULL(kernel_##_name, tmem_type_##_name);
FUNCTIONS(DEFINE_FUNCTION)
#undef DEFINE_FUNCTION
#define KERNEL(_name)	static_call(kernel_##_name)

struct tmem_signature *tmem_swap_in_signature(unsigned int i)
{
#define SIGNATURE(_name, _result, _arguments)	&tmem_signature_##_name,
	static struct tmem_signature *const signatures[] = { FUNCTIONS(SIGNATURE) };
#undef SIGNATURE

	return i < ARRAY_SIZE(signatures) ? signatures[i] : NULL;
}

/* Likewise variables: the settings of transparent huge pages, and their counters. */
static struct {
	const unsigned long *flags, *always, *madvise, *inherit;
	struct mthp_stat __percpu *stats;
} thp;

/* vm.page-cluster: how many pages are read ahead, as a power of 2. */
static const int *cluster;

static unsigned long find_symbol(const char *name)
{
	unsigned long address = tmem_symbol(name);

	if (!address)
		pr_err("this kernel has no %s, so it is not supported\n", name);
	return address;
}

static unsigned long find_function(struct tmem_signature *signature)
{
	unsigned long address = find_symbol(signature->name);

	return address && tmem_signature_holds(signature) ? address : 0;
}

/* Return: false if one is missing, or another one. */
static bool find_functions(void)
{
#define FIND(_name, _result, _arguments) ({							\
	unsigned long _address = find_function(&tmem_signature_##_name);			\
												\
	if (_address)										\
		static_call_update(kernel_##_name, (tmem_type_##_name *)_address);		\
	_address;										\
}) &&
	return FUNCTIONS(FIND) true;
#undef FIND
}

int tmem_swap_in_init(void)
{
	if (!find_functions())
		return -EOPNOTSUPP;
	thp.flags = (void *)find_symbol("transparent_hugepage_flags");
	thp.always = (void *)find_symbol("huge_anon_orders_always");
	thp.madvise = (void *)find_symbol("huge_anon_orders_madvise");
	thp.inherit = (void *)find_symbol("huge_anon_orders_inherit");
	thp.stats = (struct mthp_stat __percpu __force *)find_symbol("mthp_stats");
	cluster = (void *)find_symbol("page_cluster");
	if (!cluster || !thp.flags || !thp.always || !thp.madvise || !thp.inherit || !thp.stats)
		return -EOPNOTSUPP;
	return 0;
}

/* Orders that the settings allow, as the kernel's own look at them goes; nearly always none. */
static unsigned long orders_set(const struct vm_area_struct *vma)
{
	unsigned long flags = READ_ONCE(*thp.flags);
	unsigned long orders = READ_ONCE(*thp.always);
	unsigned long inherits = BIT(TRANSPARENT_HUGEPAGE_FLAG);

	if (vma->vm_flags & VM_HUGEPAGE) {
		orders |= READ_ONCE(*thp.madvise);
		inherits |= BIT(TRANSPARENT_HUGEPAGE_REQ_MADV_FLAG);
	}
	if (flags & inherits)
		orders |= READ_ONCE(*thp.inherit);
	/* Of one page it is no large folio; one that a single table entry maps is not brought in whole. */
	return orders & (BIT(PMD_ORDER) - 1) & ~BIT(0);
}

/* Orders a folio around the missed page may have, of those that are set. */
static unsigned long orders_wanted(struct vm_fault *vmf, unsigned long orders)
{
	struct vm_area_struct *vma = vmf->vma;

	if (likely(!orders))
		return 0;
	/*
	 * Who shares the page, who wants to see each fault, and a backend whose copies go with the load, get
	 * single pages.
	 */
	if (!pte_swp_exclusive(vmf->orig_pte) || !vma_is_anonymous(vma) || !vma->anon_vma ||
	    userfaultfd_armed(vma) || static_branch_unlikely(&tmem_exclusive_loads))
		return 0;
	orders = KERNEL(__thp_vma_allowable_orders)(vma, vma->vm_flags, TVA_IN_PF | TVA_ENFORCE_SYSFS,
						    orders);
	return thp_vma_suitable_orders(vma, vmf->address, orders);
}

/* By what a page table entry changes from one slot to the next. */
static pteval_t table_step(swp_entry_t entry)
{
	return pte_val(swp_entry_to_pte((swp_entry_t){ entry.val + 1 })) - pte_val(swp_entry_to_pte(entry));
}

/*
 * The page table names @count slots that follow one another, from @address on, the missed one among them, and
 * says the same of each, with no other table naming it. All may be different by the time this returns, except
 * for what the caller keeps as it is.
 */
static bool table_names(struct vm_fault *vmf, unsigned long address, swp_entry_t first, unsigned int count)
{
	pteval_t step = table_step(first);
	pteval_t want = pte_val(vmf->orig_pte) - ((vmf->address - address) >> PAGE_SHIFT) * step;
	unsigned int i = 0;
	pmd_t pmd;

	/* As pte_offset_map(), which modules do not get: a table taken away stays for RCU's readers. */
	rcu_read_lock();
	pmd = pmdp_get_lockless(vmf->pmd);
	if (!pmd_none(pmd) && !pmd_leaf(pmd) && !pmd_bad(pmd)) {
		pte_t *table = pte_offset_kernel(&pmd, address);

		for (; i < count && pte_val(ptep_get_lockless(table + i)) == want; want += step)
			i++;
	}
	rcu_read_unlock();
	return i == count;
}

/*
 * Their pages are charged to one memory cgroup, and none was swapped out as zeros: of such a page the kernel
 * only makes a note, and what is stored here is older.
 */
static bool slots_alike(swp_entry_t first, unsigned int count)
{
	const struct swap_info_struct *device = tmem_swap_device(swp_type(first));
	unsigned long end = swp_offset(first) + count;
	unsigned short owner = KERNEL(lookup_swap_cgroup_id)(first);
	unsigned int i;

	for (i = 1; i < count; i++)
		if (KERNEL(lookup_swap_cgroup_id)((swp_entry_t){ first.val + i }) != owner)
			return false;
	return find_next_bit(device->zeromap, end, swp_offset(first)) >= end ||
	       tmem_fault(TMEM_FAULT_NO_ZERO_CHECK);
}

/*
 * The folio is as one that was mapped, then swapped out, and is still in memory: the kernel knows how to map
 * all of that, or some of its pages, should others have gone meanwhile.
 */
static void make_anon(struct folio *folio, struct vm_area_struct *vma, unsigned long address)
{
	void *anon_vma = (void *)vma->anon_vma + PAGE_MAPPING_ANON;

	WRITE_ONCE(folio->mapping, anon_vma);
	folio->index = linear_page_index(vma, address);
	/* Counted off when it is freed. */
	this_cpu_inc(thp.stats->stats[folio_order(folio)][MTHP_STAT_NR_ANON]);
}

/*
 * The slots are marked: SWAP_HAS_CACHE. move_swap_pte() checks the mark and moves under the lock of the page table, so
 * after this no mover that missed the mark is left.
 */
static void let_movers_end(struct vm_fault *vmf)
{
	spinlock_t *lock = pte_lockptr(vmf->vma->vm_mm, vmf->pmd);

	spin_lock(lock);
	spin_unlock(lock);
}

/*
 * The slots are kept for us, so now neither they nor what is known of them can change, and it is looked once more.
 * Return: the folio is in the swap cache, up to date.
 */
static bool fill_and_show(struct folio *folio, struct vm_fault *vmf, unsigned long address, swp_entry_t first)
{
	unsigned int count = folio_nr_pages(folio);
	void *shadow = NULL;

	let_movers_end(vmf);
	if (!table_names(vmf, address, first, count) || !slots_alike(first, count))
		return false;
	if (tmem_load_whole(first, folio))
		return false;
	folio_mark_uptodate(folio);
	make_anon(folio, vmf->vma, address);
	if (KERNEL(add_to_swap_cache)(folio, first, GFP_KERNEL, &shadow))
		return false;
	KERNEL(mem_cgroup_swapin_uncharge_swap)(first, count);
	if (shadow)
		KERNEL(workingset_refault)(folio, shadow);
	folio_add_lru(folio);
	return true;
}

static struct folio *alloc(struct vm_fault *vmf, unsigned long address, swp_entry_t first, int order)
{
	/* Single pages can be had instead, so nobody is killed for a large folio, nor is much tried. */
	gfp_t gfp = KERNEL(vma_thp_gfp_mask)(vmf->vma) | __GFP_NORETRY | __GFP_NOWARN;
	struct folio *folio = vma_alloc_folio(gfp, order, vmf->vma, address, true);

	if (!folio)
		return NULL;
	if (KERNEL(mem_cgroup_swapin_charge_folio)(folio, vmf->vma->vm_mm, gfp, first)) {
		folio_put(folio);
		return NULL;
	}
	__folio_set_locked(folio);
	__folio_set_swapbacked(folio);
	return folio;
}

/* Return: the folio, NULL if it cannot be had whole. */
static struct folio *bring_in(struct vm_fault *vmf, unsigned long address, swp_entry_t first, int order)
{
	struct folio *folio = alloc(vmf, address, first, order);
	bool done = false;

	if (!folio)
		return NULL;
	if (!KERNEL(swapcache_prepare)(first, 1 << order)) {
		done = fill_and_show(folio, vmf, address, first);
		if (!done)
			KERNEL(swapcache_clear)(tmem_swap_device(swp_type(first)), first, 1 << order);
	}
	folio_unlock(folio);
	if (done)
		return folio;
	folio_put(folio);
	return NULL;
}

/*
 * May a large folio be in the swap cache for slots of this device? As scan_swap_map_slots() has it: elsewhere the
 * kernel takes the first slot for all of them when it asks whether they are in use, and writes them as if
 * they were one piece of the device.
 */
static bool may_be_large(const struct swap_info_struct *device)
{
	return (device->flags & SWP_BLKDEV) && device->cluster_info;
}

/* None of them is in the swap cache, or being brought in. It may be so when this returns. */
static bool slots_idle(const struct swap_info_struct *device, swp_entry_t first, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (READ_ONCE(device->swap_map[swp_offset(first) + i]) & SWAP_HAS_CACHE)
			return false;
	return true;
}

static struct folio *bring_in_large(swp_entry_t entry, struct vm_fault *vmf, unsigned long orders)
{
	const struct swap_info_struct *device = tmem_swap_device(swp_type(entry));

	orders = may_be_large(device) ? orders_wanted(vmf, orders) : 0;
	while (orders) {
		int order = highest_order(orders);
		unsigned long address = ALIGN_DOWN(vmf->address, PAGE_SIZE << order);
		unsigned long before = (vmf->address - address) >> PAGE_SHIFT;
		swp_entry_t first = { entry.val - before };
		struct folio *folio = NULL;

		/* In the swap cache, as in memory, a large folio begins at a multiple of its size. */
		if (swp_offset(entry) >= before && IS_ALIGNED(swp_offset(first), 1UL << order) &&
		    tmem_holds(first, 1 << order) && table_names(vmf, address, first, 1 << order) &&
		    slots_idle(device, first, 1 << order) && slots_alike(first, 1 << order))
			folio = bring_in(vmf, address, first, order);
		if (folio)
			return folio;
		next_order(&orders, order);
	}
	return NULL;
}

struct folio *tmem_swap_in(swp_entry_t entry, gfp_t gfp, struct vm_fault *vmf)
{
	unsigned long orders = orders_set(vmf->vma);
	struct folio *folio;

	/* Then the kernel does by itself what would be done here. */
	if (likely(!orders && !READ_ONCE(*cluster)))
		return NULL;
	/* Swapoff asks without a page table entry. */
	if (!is_swap_pte(vmf->orig_pte) || pte_to_swp_entry(vmf->orig_pte).val != entry.val ||
	    !tmem_holds(entry, 1))
		return NULL;
	folio = bring_in_large(entry, vmf, orders);
	if (folio)
		return folio;
	return KERNEL(read_swap_cache_async)(entry, gfp, vmf->vma, vmf->address, NULL);
}
