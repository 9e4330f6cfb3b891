import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, inject, it } from 'vitest'

/** A free account's Worker may have 3 MB; ours starts faster the smaller it is. */
const WORKER_KIB = 150

it(`the Worker is at most ${WORKER_KIB} KiB gzipped`, async () => {
  const script = await readFile(inject('built').script)
  expect(gzipSync(script).length / 1024).toBeLessThanOrEqual(WORKER_KIB)
})
