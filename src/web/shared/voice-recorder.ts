/**
 * A voice note, recorded with what the browser has. The microphone is released however it ends: sent, discarded, too
 * long, taken away, or the page left.
 */

/** Shorter than this was a slip of the finger. */
const SHORTEST_MS = 700
/** At 32 kbit/s about 3.5 MB. */
export const VOICE_LONGEST_MS = 15 * 60_000
const BITS_PER_SECOND = 32_000
/** The first that can be recorded; AAC is what every browser plays. */
const TYPES = ['audio/mp4;codecs=mp4a.40.2', 'audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4']
/** What the microphone gives is kept in pieces, so that little is lost when it is taken away. */
const PIECE_MS = 1_000

export interface VoiceNote {
  body: Blob
  contentType: string
  /** Seconds. */
  duration: number
}

/** `denied` by the person or the site's settings, `none` is there, `busy`; `short`; `failed` while recording. */
export type VoiceFault = 'denied' | 'none' | 'busy' | 'short' | 'failed'

export interface Recording {
  /** How loud it is right now, from 0 to 1. */
  level: () => number
  /** How long it is, in milliseconds. */
  elapsed: () => number
  /** Rests, or goes on; what is said meanwhile is not in it. */
  pause: (on: boolean) => void
  /** What there is of it by now; to be asked for while it rests or has ended. */
  soFar: () => Promise<Blob>
  /** Ends it, and releases the microphone. */
  end: () => void
  /** What was recorded; ends it first. */
  take: () => Promise<VoiceNote | VoiceFault>
}

/** Asks for the microphone and begins. @param signal ends it */
export async function startRecording(signal: AbortSignal): Promise<Recording | VoiceFault> {
  let stream: MediaStream
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
    })
  } catch (error) {
    return faultOf(error)
  }
  const release = (): void => {
    for (const track of stream.getTracks()) track.stop()
  }
  if (signal.aborted) {
    release()
    return 'failed'
  }
  try {
    return record(stream, release, signal)
  } catch {
    release()
    return 'failed'
  }
}

function record(stream: MediaStream, release: () => void, signal: AbortSignal): Recording {
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, {
    audioBitsPerSecond: BITS_PER_SECOND,
    ...(mimeType === undefined ? {} : { mimeType }),
  })
  const meter = createMeter(stream)
  const pieces: Blob[] = []
  let startedAt = performance.now()
  let pausedAt: number | null = null
  let endedAt: number | null = null
  const now = (): number => endedAt ?? pausedAt ?? performance.now()
  const elapsed = (): number => Math.min(now() - startedAt, VOICE_LONGEST_MS)
  const stopped = new Promise<void>((resolve) => {
    recorder.addEventListener('stop', () => {
      endedAt ??= now()
      release()
      meter.close()
      resolve()
    })
  })
  const end = (): void => {
    endedAt ??= now()
    if (recorder.state !== 'inactive') recorder.stop()
  }
  recorder.addEventListener('dataavailable', ({ data }) => {
    if (data.size > 0) pieces.push(data)
  })
  const contentType = (): string => recorder.mimeType || mimeType || 'audio/webm'
  const whole = (): Blob => new Blob(pieces, { type: contentType() })
  signal.addEventListener('abort', end, { once: true })
  recorder.start(PIECE_MS)
  return {
    level: meter.level,
    elapsed,
    pause(on) {
      if (recorder.state !== (on ? 'recording' : 'paused')) return
      // The rest is taken out by beginning later.
      if (pausedAt !== null) startedAt += performance.now() - pausedAt
      pausedAt = on ? performance.now() : null
      if (on) recorder.pause()
      else recorder.resume()
    },
    async soFar() {
      if (recorder.state === 'inactive') await stopped
      else {
        await new Promise((resolve) => {
          recorder.addEventListener('dataavailable', resolve, { once: true })
          recorder.requestData()
        })
      }
      return whole()
    },
    end,
    async take() {
      end()
      await stopped
      if (pieces.length === 0) return elapsed() < SHORTEST_MS ? 'short' : 'failed'
      if (elapsed() < SHORTEST_MS) return 'short'
      return { body: whole(), contentType: contentType(), duration: Math.round(elapsed() / 100) / 10 }
    },
  }
}

/** How loud a microphone is; silence where that cannot be told. */
function createMeter(stream: MediaStream): { level: () => number; close: () => void } {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(stream).connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  return {
    level() {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      // As ears hear it: from -50 to 0 decibels.
      return Math.max(0, Math.min(1, 1 + Math.log10(Math.max(power, 1e-10)) / 5))
    },
    close: () => void context.close().catch(() => undefined),
  }
}

function faultOf(error: unknown): VoiceFault {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'none' : 'busy'
}
