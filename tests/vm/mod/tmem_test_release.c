// SPDX-License-Identifier: GPL-2.0
/* Takes what the filesystem keeps with the folios of a file, as reclaim does before it finds one in use. */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/pagemap.h>

static char *path = "";
module_param(path, charp, 0400);
MODULE_PARM_DESC(path, "The file");

static void release(struct address_space *mapping)
{
	pgoff_t index, pages = DIV_ROUND_UP(i_size_read(mapping->host), PAGE_SIZE);

	for (index = 0; index < pages; index++) {
		struct folio *folio = filemap_get_folio(mapping, index);

		if (IS_ERR_OR_NULL(folio))
			continue;
		folio_lock(folio);
		filemap_release_folio(folio, GFP_KERNEL);
		folio_unlock(folio);
		folio_put(folio);
	}
}

static int __init test_init(void)
{
	struct file *file = filp_open(path, O_RDONLY, 0);

	if (IS_ERR(file))
		return PTR_ERR(file);
	release(file->f_mapping);
	filp_close(file, NULL);
	return 0;
}

static void __exit test_exit(void)
{
}

module_init(test_init);
module_exit(test_exit);
MODULE_DESCRIPTION("Test aid: takes the buffers from the folios of a file");
MODULE_LICENSE("GPL");
