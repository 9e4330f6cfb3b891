/** Many sockets for long: companions that show codes, and linked browsers that do nothing. */
import { frame, inBatches, link, openBrowser, signIn, type Target } from './people.ts'
import type { LoadSocket } from './socket.ts'

const WAKE_EVERY_MS = 60_000
const PING_EVERY_MS = 25_000
/** Dials under way at once. */
const WIDTH = 32
const DEVICES = 4

export interface CompanionsResult {
  /** Milliseconds by which each code came later than the one before it ended. */
  late: number[]
  dropped: number
  codes: number
}

/** The target's sockets that stay between tasks. */
const standing = new Map<string, LoadSocket[]>()

/**
 * Opens `count` companions at `perSecond`, keeps them for `seconds` more, and lets them go. The pages are looked at: they
 * renew their budget of codes, and send the heartbeat.
 */
export async function companions(
  target: Target,
  { count, perSecond, seconds }: { count: number; perSecond: number; seconds: number },
): Promise<CompanionsResult> {
  const result: CompanionsResult = { late: [], dropped: 0, codes: 0 }
  const timers: NodeJS.Timeout[] = []
  let over = false
  const sockets: LoadSocket[] = []
  const began = performance.now()
  await inBatches(count, WIDTH, async (index) => {
    await quiet(began + (index / perSecond) * 1000 - performance.now())
    const { socket, expiresAt } = await openBrowser(target)
    sockets.push(socket)
    let due = expiresAt
    socket.onEnd = () => {
      if (!over) result.dropped++
    }
    socket.listen((text) => {
      const code = frame(text, 'qr')
      if (code === null) return
      result.codes++
      result.late.push(Date.now() - due)
      due = code.expiresAt
    })
    timers.push(every(WAKE_EVERY_MS, () => socket.send('{"type":"wake"}')))
    timers.push(every(PING_EVERY_MS, () => socket.send('ping')))
  })
  await quiet(seconds * 1000)
  over = true
  for (const timer of timers) clearInterval(timer)
  standing.set(target.origin, sockets)
  return result
}

/**
 * `open`: links `count` browsers, four to an account, and leaves them with their heartbeat. `close`: lets go of all that
 * stands. @returns how many are open
 */
export async function idle(
  target: Target,
  { step, count }: { step: 'open' | 'look' | 'close'; count: number },
): Promise<number> {
  const sockets = standing.get(target.origin) ?? []
  standing.set(target.origin, sockets)
  if (step === 'close') for (const socket of sockets.splice(0)) socket.cut()
  if (step === 'open') {
    await inBatches(count / DEVICES, 8, async () => {
      const person = await signIn(target)
      for (let device = 0; device < DEVICES; device++) {
        const { socket } = await link(target, person)
        const timer = every(PING_EVERY_MS, () => socket.send('ping'))
        socket.listen(() => {})
        socket.onEnd = () => {
          clearInterval(timer)
          const at = sockets.indexOf(socket)
          if (at !== -1) sockets.splice(at, 1)
        }
        sockets.push(socket)
      }
    })
  }
  return sockets.length
}

/** Each begins at a moment of its own, as pages do. */
function every(ms: number, task: () => void): NodeJS.Timeout {
  const timer = setInterval(task, ms * (0.9 + Math.random() * 0.2))
  timer.unref()
  return timer
}

function quiet(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
