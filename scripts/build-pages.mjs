// Bundles the pages' scripts into public/build (ignored by git): ES modules, split, minified, hashed chunks.
// Prints what each page loads, gzipped, and fails when that is over its budget. Development servers run it on changes.
import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const OUT = join(ROOT, 'public/build')

/**
 * Gzipped KiB. `first`: the entry and what it imports statically, all that is needed before a code is on the screen
 * (before a number can be typed, on the phone). `all`: with everything that is loaded later.
 * `page`: fetched by an entry that is one script, whole, and at work before the rest of its page is there.
 */
const ENTRIES = [
  {
    name: 'companion',
    source: 'src/web/companion/main.ts',
    page: 'src/web/companion/page.ts',
    first: 30,
    all: 80,
  },
  { name: 'phone', source: 'src/web/phone/main.ts', first: 90, all: 160 },
  { name: 'try', source: 'src/web/try/main.ts', first: 30, all: 60 },
].filter(({ source }) => existsSync(join(ROOT, source)))

/** The decoder of pictures of codes: its own copy, because the library would take it from a public CDN. */
const WASM = join(ROOT, 'node_modules/zxing-wasm/dist/reader/zxing_reader.wasm')

/** The pages' service workers: built last, because they name what the others have become. */
const WORKER = 'src/web/worker/worker.ts'
const WORKERS = [
  { name: 'worker', entry: 'phone', page: '/phone', prefix: 'tandem-shell-', styles: [] },
  {
    name: 'companion-worker',
    entry: 'companion',
    page: '/',
    prefix: 'tandem-companion-',
    // Which come with the chats (companion/page.ts).
    styles: ['/css/compose.css', '/css/chat.css', '/css/thread.css'],
  },
]

/** What all scripts have in common. */
const SETTINGS = {
  absWorkingDir: ROOT,
  outdir: OUT,
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2022',
  // Modules are read as UTF-8 whatever their type says (HTML, section 8.1.4.2): Arabic is half as long as escaped.
  charset: 'utf8',
  // Lit's production build; its development build warns on the console.
  conditions: ['production'],
  legalComments: 'linked',
  metafile: true,
  logLevel: 'warning',
  plugins: [{ name: 'indents', setup: dropIndents }],
}

const outputs = {}
const built = async (settings) => Object.assign(outputs, (await build({ ...SETTINGS, ...settings })).metafile.outputs)

await built({
  entryPoints: Object.fromEntries(
    ENTRIES.filter(({ page }) => page === undefined).map(({ name, source }) => [name, source]),
  ),
  splitting: true,
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
})
for (const { name, source, page } of ENTRIES) if (page !== undefined) await buildAhead(name, source, page)

await mkdir(OUT, { recursive: true })
await copyFile(WASM, join(OUT, basename(WASM)))
for (const worker of WORKERS) await buildWorker(worker)
await removeStale(new Set([...Object.keys(outputs).map((path) => join(ROOT, path)), join(OUT, basename(WASM))]))

let over = false
for (const { name, page, first, all } of ENTRIES) {
  const entry = `public/build/${name}.js`
  const entries = page === undefined ? [entry] : [entry, pageOf(page)]
  const sizes = { first: await gzipped(reach(entries, false)), all: await gzipped(reach(entries, true)) }
  for (const [what, limit] of Object.entries({ first, all })) {
    const kib = sizes[what] / 1024
    if (kib > limit) over = true
    console.log(`${name} ${what}: ${kib.toFixed(1)} of ${limit} KiB gzipped${kib > limit ? '  OVER BUDGET' : ''}`)
  }
}
if (over) process.exitCode = 1

/** Its version changes with anything that it keeps: then, and only then, a browser takes the new one. */
async function buildWorker({ name, entry, page, prefix, styles }) {
  const shell = await listShell(page, entry, styles)
  const hash = createHash('sha256')
  for (const path of shell) hash.update(path).update(await readFile(fileOf(path)))
  await built({
    entryPoints: { [name]: WORKER },
    entryNames: '[name]',
    format: 'iife',
    define: {
      SHELL: JSON.stringify(shell),
      VERSION: JSON.stringify(hash.digest('hex').slice(0, 12)),
      PAGE: JSON.stringify(page),
      PREFIX: JSON.stringify(prefix),
    },
  })
}

/** The addresses of all that a page needs to stand: what its HTML names, its chunks and styles, icons and ground. */
async function listShell(page, entry, styles) {
  const html = await readFile(fileOf(page), 'utf8')
  const named = [...html.matchAll(/<(?:link|script(?! nomodule)) [^>]*(?:href|src)="(\/[^"]+)"/g)].map(
    ([, path]) => path,
  )
  const ahead = ENTRIES.filter((each) => each.name === entry && each.page !== undefined).map((each) =>
    pageOf(each.page),
  )
  const chunks = [...reach([`public/build/${entry}.js`, ...ahead], true)].map(address)
  return [...new Set([page, ...named, ...styles, ...chunks, '/icons.svg', '/ground.svg'])].toSorted((one, other) =>
    one < other ? -1 : 1,
  )
}

/** An address without an extension is a page's. */
function fileOf(path) {
  return join(ROOT, 'public', path === '/' ? 'index.html' : path.includes('.') ? path : `${path}.html`)
}

/** The page's scripts first; then the entry, in one piece, which is told their names and fetches them together. */
async function buildAhead(name, source, page) {
  await built({
    entryPoints: [{ in: page, out: `${name}-page` }],
    splitting: true,
    entryNames: 'chunks/[name]-[hash]',
    chunkNames: 'chunks/[name]-[hash]',
  })
  const scripts = [...reach([pageOf(page)], false)].map(address)
  await built({
    entryPoints: { [name]: source },
    entryNames: '[name]',
    define: { PAGE_SCRIPTS: JSON.stringify(scripts) },
    plugins: [
      ...SETTINGS.plugins,
      {
        name: 'page',
        setup(builder) {
          const wanted = join(ROOT, page)
          builder.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, kind }) =>
            kind === 'dynamic-import' && join(resolveDir, path) === wanted
              ? { path: address(pageOf(page)), external: true }
              : undefined,
          )
        },
      },
    ],
  })
}

/** Templates are written over many lines; what their lines begin with is not sent. It is nothing to HTML. */
function dropIndents(builder) {
  builder.onLoad({ filter: /\/src\/web\/.*\.ts$/ }, async ({ path }) => ({
    contents: (await readFile(path, 'utf8')).replace(/\n\s+/g, '\n'),
    loader: 'ts',
  }))
}

/** Where a page finds what was built. */
function address(path) {
  return `/${relative('public', path)}`
}

/** What was made of the script that an entry fetches. */
function pageOf(page) {
  return Object.keys(outputs).find((path) => outputs[path].entryPoint === page)
}

/** The scripts that `paths` import, themselves included; with `later`, also those loaded on demand. */
function reach(paths, later) {
  const found = new Set(paths)
  for (const path of found) {
    for (const imported of outputs[path]?.imports ?? []) {
      if (imported.external || !(imported.path in outputs)) continue
      if (later || imported.kind === 'import-statement') found.add(imported.path)
    }
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
