// SPDX-License-Identifier: GPL-2.0
/* Reads from BTF how functions are called and what structs begin with. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/btf.h>

#include "btf.h"

/* What every version of the header has; 7.2 may have more behind it. */
#define HEADER_BYTES	(offsetof(struct btf_header, str_len) + sizeof(__u32))

/* Kernels before 7.2 have fewer bits of each, and zeros in the others. */
#define KIND(info)	((info) >> 24 & 0x7f)
#define COUNT(info)	((info) & 0xffffff)

/* Pointers and qualifiers on one another, and functions that take functions. */
#define CHAIN_MAX	8
#define DEPTH_MAX	3

/* By kind: bytes behind struct btf_type, and bytes for each element that it counts; -1: unknown. */
static const struct {
	s8 bytes, each;
} tails[] = {
	[BTF_KIND_UNKN]		= { -1, 0 },
	[BTF_KIND_INT]		= { sizeof(__u32), 0 },
	[BTF_KIND_PTR]		= { 0, 0 },
	[BTF_KIND_ARRAY]	= { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT]	= { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION]	= { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM]		= { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FUNC_PROTO]	= { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR]		= { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC]	= { 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_DECL_TAG]	= { sizeof(struct btf_decl_tag), 0 },
	[BTF_KIND_TYPE_TAG]	= { 0, 0 },
	[BTF_KIND_ENUM64]	= { 0, sizeof(struct btf_enum64) },
};

/* The length of the type at an offset; 0 if it is unknown or does not end within the section. */
static u32 type_bytes(const struct tmem_btf *btf, u32 offset)
{
	const struct btf_type *type = (const void *)(btf->types + offset);
	u32 left = btf->types_bytes - offset, kind;
	u64 bytes;

	if (left < sizeof(*type))
		return 0;
	kind = KIND(type->info);
	if (kind >= ARRAY_SIZE(tails) || tails[kind].bytes < 0)
		return 0;
	/* BTF_KIND_FUNC has its linkage there, and nothing behind it. */
	bytes = sizeof(*type) + tails[kind].bytes + (u64)tails[kind].each * COUNT(type->info);
	return bytes <= left ? bytes : 0;
}

/* Return: how many types there are, 0 if they are damaged. */
static u32 count_types(const struct tmem_btf *btf)
{
	u32 offset = 0, count = 0, bytes;

	for (; offset < btf->types_bytes; offset += bytes, count++) {
		bytes = type_bytes(btf, offset);
		if (!bytes)
			return 0;
	}
	return count;
}

static bool section_fits(const struct btf_header *header, size_t bytes, u32 offset, u32 length)
{
	u64 start = (u64)header->hdr_len + offset;

	return start <= bytes && length <= bytes - start;
}

static bool header_is_sound(const struct btf_header *header, size_t bytes)
{
	return bytes >= HEADER_BYTES && header->magic == BTF_MAGIC && header->version == BTF_VERSION &&
	       header->hdr_len >= HEADER_BYTES && !(header->hdr_len % sizeof(u32)) &&
	       !(header->type_off % sizeof(u32)) &&
	       section_fits(header, bytes, header->type_off, header->type_len) &&
	       section_fits(header, bytes, header->str_off, header->str_len);
}

int tmem_btf_open(struct tmem_btf *btf, const void *data, size_t bytes)
{
	const struct btf_header *header = data;
	u32 offset = 0, i;

	if (!header_is_sound(header, bytes))
		return -EINVAL;
	btf->types = (const u8 *)data + header->hdr_len + header->type_off;
	btf->types_bytes = header->type_len;
	btf->strings = (const char *)data + header->hdr_len + header->str_off;
	btf->strings_bytes = header->str_len;
	if (!btf->strings_bytes || btf->strings[0] || btf->strings[btf->strings_bytes - 1])
		return -EINVAL;
	btf->count = count_types(btf);
	if (!btf->count)
		return -EINVAL;
	btf->offsets = kvcalloc(btf->count, sizeof(*btf->offsets), GFP_KERNEL);
	if (!btf->offsets)
		return -ENOMEM;
	for (i = 0; i < btf->count; i++) {
		btf->offsets[i] = offset;
		offset += type_bytes(btf, offset);
	}
	return 0;
}

void tmem_btf_close(struct tmem_btf *btf)
{
	kvfree(btf->offsets);
}

static const struct btf_type *type_of(const struct tmem_btf *btf, u32 id)
{
	return id && id <= btf->count ? (const void *)(btf->types + btf->offsets[id - 1]) : NULL;
}

/* Return: NULL if it is out of bounds. */
static const char *name_at(const struct tmem_btf *btf, u32 offset)
{
	return offset < btf->strings_bytes ? btf->strings + offset : NULL;
}

static void note_type(struct tmem_btf_wanted *wanted, unsigned int count, const char *name, bool is_struct, u32 id)
{
	for (; count; wanted++, count--)
		/* Nearly all differ at once. */
		if (*name == *wanted->name && is_struct == wanted->is_struct && !strcmp(name, wanted->name))
			wanted->id = wanted->id ? TMEM_BTF_SEVERAL : id;
}

void tmem_btf_find(const struct tmem_btf *btf, struct tmem_btf_wanted *wanted, unsigned int count)
{
	const struct btf_type *type;
	const char *name;
	unsigned int i;
	u32 id, kind;

	for (i = 0; i < count; i++)
		wanted[i].id = 0;
	for (id = 1; id <= btf->count; id++) {
		type = type_of(btf, id);
		kind = KIND(type->info);
		if (kind != BTF_KIND_FUNC && kind != BTF_KIND_STRUCT)
			continue;
		name = name_at(btf, type->name_off);
		if (name)
			note_type(wanted, count, name, kind == BTF_KIND_STRUCT, id);
	}
}

struct text {
	char *buf;
	size_t size, length;
};

static int append(struct text *text, const char *string)
{
	size_t length = strlen(string);

	if (length >= text->size - text->length)
		return -ENOSPC;
	memcpy(text->buf + text->length, string, length + 1);
	text->length += length;
	return 0;
}

/* The compiler's name of an integer, and what is written for it. */
static const char *integer_name(const char *name)
{
	static const char *const names[][2] = {
		{ "short int", "short" }, { "short unsigned int", "unsigned short" },
		{ "long int", "long" }, { "long unsigned int", "unsigned long" },
		{ "long long int", "long long" }, { "long long unsigned int", "unsigned long long" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i][0]))
			return names[i][1];
	return name;
}

static const char *keyword(const struct btf_type *type)
{
	switch (KIND(type->info)) {
	case BTF_KIND_STRUCT:
		return "struct ";
	case BTF_KIND_UNION:
		return "union ";
	case BTF_KIND_FWD:
		return type->info >> 31 ? "union " : "struct ";
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return "enum ";
	case BTF_KIND_INT:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPEDEF:
		return "";
	default:
		return NULL;
	}
}

/* What has a name. */
static int put_named(const struct tmem_btf *btf, struct text *text, const struct btf_type *type)
{
	const char *word = keyword(type), *name = name_at(btf, type->name_off);
	int err;

	if (!word || !name || !*name)
		return -EINVAL;
	err = append(text, word);
	return err ? err : append(text, KIND(type->info) == BTF_KIND_INT ? integer_name(name) : name);
}

/*
 * What stands before the name of a type, from the outside in: pointers, qualifiers and marks that C does
 * not have.
 */
struct chain {
	u8 kinds[CHAIN_MAX];
	unsigned int count;
};

static bool in_chain(u32 kind)
{
	return kind == BTF_KIND_PTR || kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE ||
	       kind == BTF_KIND_RESTRICT || kind == BTF_KIND_TYPE_TAG;
}

/* Follow it to the type that has a name, or is a function's. @type: NULL for void. */
static int follow(const struct tmem_btf *btf, u32 id, struct chain *chain, const struct btf_type **type)
{
	for (chain->count = 0; id; id = (*type)->type) {
		*type = type_of(btf, id);
		if (!*type)
			return -EINVAL;
		if (!in_chain(KIND((*type)->info)))
			return 0;
		if (chain->count == CHAIN_MAX)
			return -ELOOP;
		chain->kinds[chain->count++] = KIND((*type)->info);
	}
	*type = NULL;
	return 0;
}

static const char *qualifier(u8 kind)
{
	return kind == BTF_KIND_CONST ? "const" : kind == BTF_KIND_VOLATILE ? "volatile" :
	       kind == BTF_KIND_RESTRICT ? "restrict" : NULL;
}

/* Those before the name, as in "const struct inode". */
static int put_qualifiers(struct text *text, struct chain *chain)
{
	int err = 0;

	for (; !err && chain->count && chain->kinds[chain->count - 1] != BTF_KIND_PTR; chain->count--) {
		const char *word = qualifier(chain->kinds[chain->count - 1]);

		if (!word)
			continue;
		err = append(text, word);
		if (!err)
			err = append(text, " ");
	}
	return err;
}

/* Those behind it, as in "**" and "*const". */
static int put_stars(struct text *text, struct chain *chain)
{
	int err = 0;

	while (!err && chain->count) {
		u8 kind = chain->kinds[--chain->count];
		const char *word = kind == BTF_KIND_PTR ? "*" : qualifier(kind);

		if (word)
			err = append(text, word);
	}
	return err;
}

static int put_type(const struct tmem_btf *btf, struct text *text, u32 id, unsigned int depth);

/* "(TYPE, TYPE)" */
static int put_parameters(const struct tmem_btf *btf, struct text *text, const struct btf_type *proto,
			  unsigned int depth)
{
	const struct btf_param *params = (const void *)(proto + 1);
	u32 count = COUNT(proto->info), i;
	int err = append(text, count ? "(" : "(void");

	for (i = 0; !err && i < count; i++) {
		if (i)
			err = append(text, ", ");
		if (err)
			break;
		if (!params[i].type && i == count - 1)
			err = append(text, "...");
		else
			err = put_type(btf, text, params[i].type, depth);
	}
	return err ? err : append(text, ")");
}

/* A pointer to a function, or with an empty chain the function. */
static int put_function(const struct tmem_btf *btf, struct text *text, const struct btf_type *proto,
			struct chain *chain, unsigned int depth)
{
	int err;

	if (depth == DEPTH_MAX)
		return -ELOOP;
	err = put_type(btf, text, proto->type, depth + 1);
	if (!err)
		err = append(text, " ");
	if (!err && chain->count) {
		err = append(text, "(");
		if (!err)
			err = put_stars(text, chain);
		if (!err)
			err = append(text, ")");
	}
	return err ? err : put_parameters(btf, text, proto, depth + 1);
}

static int put_type(const struct tmem_btf *btf, struct text *text, u32 id, unsigned int depth)
{
	const struct btf_type *type;
	struct chain chain;
	int err = follow(btf, id, &chain, &type);

	if (err)
		return err;
	if (type && KIND(type->info) == BTF_KIND_FUNC_PROTO)
		return put_function(btf, text, type, &chain, depth);
	err = put_qualifiers(text, &chain);
	if (!err)
		err = type ? put_named(btf, text, type) : append(text, "void");
	if (!err && chain.count)
		err = append(text, " ");
	return err ? err : put_stars(text, &chain);
}

int tmem_btf_signature(const struct tmem_btf *btf, u32 id, char *buf, size_t size)
{
	struct text text = { .buf = buf, .size = size };
	const struct btf_type *function = type_of(btf, id), *proto;
	struct chain none = { .count = 0 };

	if (!function || KIND(function->info) != BTF_KIND_FUNC)
		return -EINVAL;
	proto = type_of(btf, function->type);
	if (!proto || KIND(proto->info) != BTF_KIND_FUNC_PROTO)
		return -EINVAL;
	return put_function(btf, &text, proto, &none, 0);
}

int tmem_btf_first_member(const struct tmem_btf *btf, u32 id, char *buf, size_t size)
{
	struct text text = { .buf = buf, .size = size };
	const struct btf_type *type = type_of(btf, id);
	const struct btf_member *first;
	const char *name;
	int err;

	if (!type || KIND(type->info) != BTF_KIND_STRUCT || !COUNT(type->info))
		return -EINVAL;
	first = (const void *)(type + 1);
	name = name_at(btf, first->name_off);
	/* In bits; a field of bits has its width there, too. */
	if (first->offset || !name || !*name)
		return -EINVAL;
	err = put_type(btf, &text, first->type, 0);
	if (!err && buf[text.length - 1] != '*')
		err = append(&text, " ");
	return err ? err : append(&text, name);
}
