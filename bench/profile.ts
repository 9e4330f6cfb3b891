/**
 * `npm run bench:profile -- messages tandem`: where the runtime spends its CPU while the generator has a task done. V8's
 * sampling profiler, through workerd's inspector (node's own `--cpu-prof` does not see into workerd). Prints the functions
 * by their own time and stores the profile in .wrangler/, for DevTools.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startGenerator } from './load/driver.ts'
import { startSubject, type SubjectName } from './subjects.ts'

const OUT = resolve(import.meta.dirname, '../.wrangler')
const LINES = 40
const LINKS = 300

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

const { positionals } = parseArgs({ allowPositionals: true })
const [task = 'messages', name = 'tandem'] = positionals
const generator = startGenerator()
const subject = await startSubject(name as SubjectName, { inspect: true, readable: true })
const load = (): Promise<unknown> => {
  if (task === 'messages') return generator.run('messages', subject, { count: 3_000, window: 64 })
  if (task === 'links') return generator.run('links', subject, { count: LINKS, width: 16 })
  if (task === 'pushes') return generator.run('pushes', subject, { count: 500 })
  throw new Error('there are messages, links, pushes')
}
try {
  await load()
  if (task === 'links') await generator.run('signInMany', subject, { count: LINKS })
  const profiler = await attach(subject.inspector ?? '')
  await profiler.ask('Profiler.enable')
  await profiler.ask('Profiler.setSamplingInterval', { interval: 200 })
  await profiler.ask('Profiler.start')
  await load()
  const { profile } = (await profiler.ask('Profiler.stop')) as { profile: Profile }
  profiler.close()
  await mkdir(OUT, { recursive: true })
  const file = join(OUT, `${name}-${task}.cpuprofile`)
  await writeFile(file, JSON.stringify(profile))
  print(profile)
  console.log(`\n${file}`)
} finally {
  generator.stop()
  await subject.stop()
}

/** The functions that took most time themselves. */
function print({ nodes, samples, timeDeltas }: Profile): void {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const own = new Map<string, number>()
  let total = 0
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === '(idle)') return
    const key = `${frame.functionName || '(anonymous)'} ${frame.url.split('/').at(-1) ?? ''}:${frame.lineNumber + 1}`
    const delta = timeDeltas[index] ?? 0
    total += delta
    own.set(key, (own.get(key) ?? 0) + delta)
  })
  console.log(`${(total / 1000).toFixed(0)} ms that were not idle`)
  for (const [key, time] of [...own].toSorted((a, b) => b[1] - a[1]).slice(0, LINES)) {
    console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${key}`)
  }
}

/** Attaches to the first Worker that the inspector lists. */
async function attach(inspector: string): Promise<{
  ask: (method: string, params?: object) => Promise<unknown>
  close: () => void
}> {
  const list = (await (await fetch(new URL('/json', inspector.replace('ws:', 'http:')))).json()) as {
    id: string
    title?: string
    webSocketDebuggerUrl: string
  }[]
  const target = list.find(({ id }) => id.includes(name)) ?? list[0]
  if (target === undefined) throw new Error('the inspector lists no Worker')
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  await new Promise((opened, failed) => {
    socket.addEventListener('open', opened)
    socket.addEventListener('error', failed)
  })
  const waiting = new Map<number, (result: unknown) => void>()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown }
    if (id !== undefined) waiting.get(id)?.(result)
  })
  return {
    ask(method, params = {}) {
      const id = ++last
      socket.send(JSON.stringify({ id, method, params }))
      return new Promise((answered) => waiting.set(id, answered))
    },
    close: () => socket.close(),
  }
}
