// Bundles the pages' scripts into public/build (ignored by git): ES modules, split, minified, hashed chunks.
// Prints what each page loads, gzipped, and fails when that is over its budget. Development servers run it on changes.
import { build } from 'esbuild'
import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OUT = join(ROOT, 'public/build')

/**
 * Gzipped KiB. `first`: the entry and what it imports statically, all that is needed before a code is on the screen
 * (before a number can be typed, on the phone). `all`: with everything that is loaded later.
 */
const ENTRIES = [
  { name: 'companion', source: 'src/web/companion/main.ts', first: 30, all: 80 },
  { name: 'phone', source: 'src/web/phone/main.ts', first: 90, all: 160 },
  { name: 'try', source: 'src/web/try/main.ts', first: 30, all: 60 },
].filter(({ source }) => existsSync(join(ROOT, source)))

/** The decoder of pictures of codes: its own copy, because the library would take it from a public CDN. */
const WASM = join(ROOT, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm')

const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: Object.fromEntries(ENTRIES.map(({ name, source }) => [name, source])),
  outdir: OUT,
  bundle: true,
  format: 'esm',
  splitting: true,
  minify: true,
  target: 'es2022',
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  // Lit's production build; its development build warns on the console.
  conditions: ['production'],
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
})

await mkdir(OUT, { recursive: true })
await copyFile(WASM, join(OUT, basename(WASM)))
await removeStale(
  new Set([...Object.keys(metafile.outputs).map((path) => join(ROOT, path)), join(OUT, basename(WASM))]),
)

let over = false
for (const { name, first, all } of ENTRIES) {
  const entry = `public/build/${name}.js`
  const sizes = { first: await gzipped(reach(entry, false)), all: await gzipped(reach(entry, true)) }
  for (const [what, limit] of Object.entries({ first, all })) {
    const kib = sizes[what] / 1024
    if (kib > limit) over = true
    console.log(`${name} ${what}: ${kib.toFixed(1)} of ${limit} KiB gzipped${kib > limit ? '  OVER BUDGET' : ''}`)
  }
}
if (over) process.exitCode = 1

/** The scripts that `path` imports, itself included; with `later`, also those it loads on demand. */
function reach(path, later, found = new Set()) {
  if (found.has(path)) return found
  found.add(path)
  for (const imported of metafile.outputs[path]?.imports ?? []) {
    if (imported.external || !(imported.path in metafile.outputs)) continue
    if (later || imported.kind === 'import-statement') reach(imported.path, later, found)
  }
  return found
}

async function gzipped(paths) {
  let bytes = 0
  for (const path of paths) bytes += gzipSync(await readFile(join(ROOT, path)), { level: 9 }).length
  return bytes
}

/** Afterwards and not before, so that a page that is open meanwhile still finds its chunks. */
async function removeStale(fresh) {
  for (const entry of await readdir(OUT, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !fresh.has(path)) await rm(path, { force: true })
  }
}
