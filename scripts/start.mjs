// `npm start`: the service on this machine, with what only local use may have (wrangler.toml's [env.local]).
// PORT chooses another port than 8787; further arguments go to `wrangler dev`.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const PORT = process.env.PORT ?? '8787'
const ORIGIN = `http://localhost:${PORT}`
const READY_MS = 60_000

// wrangler needs Node 22.12 or newer; the pinned one is installed beside it.
const pinned = join(ROOT, 'node_modules/node/bin/node')
const node = existsSync(pinned) ? pinned : process.execPath

const wrangler = [join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), 'dev', '--env', 'local']
const settings = ['--ip', '127.0.0.1', '--port', PORT, '--log-level', 'warn', '--show-interactive-dev-session=false']
const server = spawn(node, [...wrangler, ...settings, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  env: {
    ...process.env,
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  },
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal))
const ended = new AbortController()
server.on('exit', (code, signal) => {
  ended.abort()
  process.exitCode = code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)
})

if (await isServing()) {
  console.log(`
  Tandem is running.

    ${ORIGIN}          the browser to link: it shows the code
    ${ORIGIN}/phone    the phone: sign in with any number, the code appears on the page
    ${ORIGIN}/try      both in one window

  Ctrl+C ends it. What you do is kept in .wrangler/ until you delete that folder.
`)
}

/** Whether the service answers; false when it ended or took too long. */
async function isServing() {
  const late = AbortSignal.timeout(READY_MS)
  while (!ended.signal.aborted && !late.aborted) {
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(2_000)])
    const answer = await fetch(`http://127.0.0.1:${PORT}/v1/health`, { signal }).catch(() => null)
    if (answer?.ok) return !ended.signal.aborted
    await new Promise((done) => setTimeout(done, 100))
  }
  return false
}
