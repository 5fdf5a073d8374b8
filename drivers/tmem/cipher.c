// SPDX-License-Identifier: GPL-2.0
/* Encryption of what reaches a medium. */
#include <asm/archrandom.h>
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <tmem/cipher.h>

#include "core.h"
#include "fault.h"

/* XTS takes two keys of AES-256. */
#define KEY_BYTES	64
#define IV_BYTES	16

/* A request for each CPU, made beforehand, since its size depends on the tfm. The mutex makes migration harmless. */
struct slate {
	struct mutex lock;
	struct skcipher_request *request;
};

/* @keyless: there is no key to be used; looked at with the lock of a slate held */
struct tmem_cipher {
	struct crypto_skcipher *tfm;
	struct slate __percpu *slates;
	bool keyless;
};

/* A processor may have nothing to give at this moment, but not for long. */
#define TRIES	10

static bool get_fresh(unsigned long *fresh)
{
	unsigned int i;

	/* User-Mode Linux has nothing for modules. */
	for (i = 0; i < TRIES && !IS_ENABLED(CONFIG_UML); i++)
		if (arch_get_random_seed_longs(fresh, 1) || arch_get_random_longs(fresh, 1))
			return true;
	return false;
}

/*
 * The state of the kernel's generator was in the image that the machine was resumed from, so whoever has the image may
 * guess what comes next. What the processor gives was not.
 */
static void mix_in_fresh(unsigned long *key, size_t count)
{
	unsigned long fresh = 0;
	size_t i;

	for (i = 0; i < count && get_fresh(&fresh); i++)
		key[i] ^= fresh;
	memzero_explicit(&fresh, sizeof(fresh));
}

static int set_key(struct tmem_cipher *cipher)
{
	unsigned long key[KEY_BYTES / sizeof(long)];
	int err = get_random_bytes_wait(key, sizeof(key));

	if (!err) {
		mix_in_fresh(key, ARRAY_SIZE(key));
		err = crypto_skcipher_setkey(cipher->tfm, (u8 *)key, sizeof(key));
	}
	memzero_explicit(key, sizeof(key));
	return err;
}

static int alloc_slates(struct tmem_cipher *cipher)
{
	int cpu;

	cipher->slates = alloc_percpu(struct slate);
	if (!cipher->slates)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct slate *slate = per_cpu_ptr(cipher->slates, cpu);

		mutex_init(&slate->lock);
		slate->request = skcipher_request_alloc(cipher->tfm, GFP_KERNEL);
		if (!slate->request)
			return -ENOMEM;
	}
	return 0;
}

struct tmem_cipher *tmem_cipher_alloc(void)
{
	struct tmem_cipher *cipher;
	int err;

	/*
	 * The key would be in the image. Whoever attaches a device holds tmem_pmem_lock or tmem_ssd_lock, which
	 * hibernation takes to wipe the keys after it has set this: it finds the device, or that is refused here.
	 */
	if (READ_ONCE(tmem_hibernating))
		return ERR_PTR(-EBUSY);
	cipher = kzalloc(sizeof(*cipher), GFP_KERNEL);
	if (!cipher)
		return ERR_PTR(-ENOMEM);
	/* Nothing that takes memory for each request, as drivers of hardware do: memory is what is short. */
	cipher->tfm = crypto_alloc_skcipher("xts(aes)", 0, CRYPTO_ALG_ALLOCATES_MEMORY);
	err = PTR_ERR_OR_ZERO(cipher->tfm);
	if (err)
		cipher->tfm = NULL;
	if (!err)
		err = set_key(cipher);
	if (!err)
		err = alloc_slates(cipher);
	if (!err)
		return cipher;
	tmem_cipher_free(cipher);
	return ERR_PTR(err);
}

struct tmem_cipher *tmem_cipher_alloc_for(const char *device)
{
	struct tmem_cipher *cipher = tmem_cipher_alloc();

	if (IS_ERR(cipher))
		tmem_last_error("%s: cannot be encrypted (error %ld)%s", device, PTR_ERR(cipher),
				PTR_ERR(cipher) == -ENOENT ?
				"; load the modules xts and aes, or the module of this device with encrypt=0" :
				PTR_ERR(cipher) == -EBUSY ? ": the machine hibernates" : "");
	return cipher;
}
EXPORT_SYMBOL_GPL(tmem_cipher_alloc_for);

void tmem_cipher_free(struct tmem_cipher *cipher)
{
	int cpu;

	if (IS_ERR_OR_NULL(cipher))
		return;
	if (cipher->slates)
		for_each_possible_cpu(cpu)
			skcipher_request_free(per_cpu_ptr(cipher->slates, cpu)->request);
	free_percpu(cipher->slates);
	/* Wipes what it made of the key, too. */
	crypto_free_skcipher(cipher->tfm);
	kfree(cipher);
}
EXPORT_SYMBOL_GPL(tmem_cipher_free);

/* @keyless was set, and is looked at with the lock of a slate held: taking each once waits for all who missed it. */
static void wait_for_requests(struct tmem_cipher *cipher)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct slate *slate = per_cpu_ptr(cipher->slates, cpu);

		mutex_lock(&slate->lock);
		mutex_unlock(&slate->lock);
	}
}

int tmem_cipher_forget(struct tmem_cipher *cipher)
{
	if (tmem_fault(TMEM_FAULT_NO_KEY_FORGET))
		return 0;
	WRITE_ONCE(cipher->keyless, true);
	wait_for_requests(cipher);
	/* Another key takes the place of this one and of what was made of it; nobody will use it. */
	return tmem_fault(TMEM_FAULT_NO_KEY_WIPE) ? 0 : set_key(cipher);
}
EXPORT_SYMBOL_GPL(tmem_cipher_forget);

int tmem_cipher_renew(struct tmem_cipher *cipher)
{
	int err;

	if (!READ_ONCE(cipher->keyless))
		return 0;
	err = tmem_fault(TMEM_FAULT_NO_KEY_RENEW) ? 0 : set_key(cipher);
	/* Pairs with run(). */
	if (!err)
		smp_store_release(&cipher->keyless, false);
	return err;
}
EXPORT_SYMBOL_GPL(tmem_cipher_renew);

bool tmem_cipher_has_key(const struct tmem_cipher *cipher)
{
	return !READ_ONCE(cipher->keyless);
}
EXPORT_SYMBOL_GPL(tmem_cipher_has_key);

/* Context: a slate held. */
static int run(struct tmem_cipher *cipher, struct skcipher_request *request, struct crypto_wait *wait,
	       int (*operation)(struct skcipher_request *request))
{
	/* Pairs with tmem_cipher_renew(). */
	if (unlikely(smp_load_acquire(&cipher->keyless)))
		return -ENOKEY;
	return crypto_wait_req(operation(request), wait);
}

static int crypt(struct tmem_cipher *cipher, u64 block, struct page *to, struct page *from,
		 int (*operation)(struct skcipher_request *request))
{
	struct slate *slate = raw_cpu_ptr(cipher->slates);
	__le64 iv[IV_BYTES / sizeof(__le64)] = { cpu_to_le64(block) };
	struct scatterlist source, destination;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	sg_init_table(&source, 1);
	sg_set_page(&source, from, PAGE_SIZE, 0);
	sg_init_table(&destination, 1);
	sg_set_page(&destination, to, PAGE_SIZE, 0);
	mutex_lock(&slate->lock);
	skcipher_request_set_callback(slate->request, CRYPTO_TFM_REQ_MAY_BACKLOG, crypto_req_done,
				      &wait);
	skcipher_request_set_crypt(slate->request, &source, from == to ? &source : &destination,
				   PAGE_SIZE, iv);
	err = run(cipher, slate->request, &wait, operation);
	mutex_unlock(&slate->lock);
	return err;
}

int tmem_cipher_encrypt(struct tmem_cipher *cipher, u64 block, struct page *to, struct page *from)
{
	return crypt(cipher, block, to, from, crypto_skcipher_encrypt);
}
EXPORT_SYMBOL_GPL(tmem_cipher_encrypt);

int tmem_cipher_decrypt(struct tmem_cipher *cipher, u64 block, struct page *page)
{
	return crypt(cipher, block, page, page, crypto_skcipher_decrypt);
}
EXPORT_SYMBOL_GPL(tmem_cipher_decrypt);

const char *tmem_cipher_driver(const struct tmem_cipher *cipher)
{
	return crypto_tfm_alg_driver_name(crypto_skcipher_tfm(cipher->tfm));
}
EXPORT_SYMBOL_GPL(tmem_cipher_driver);
