// Makes public/sounds/message.mp3: the two soft notes of a new message. Needs ffmpeg with libmp3lame.
//
//   node scripts/make-sound.mjs
//
// Two struck notes a fourth apart (E5, A5), each a sine with three quieter overtones that die sooner than it does,
// which is what a small wooden bar sounds like. Every note begins and ends at zero, so nothing clicks.

import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const RATE = 44_100
const SECONDS = 0.52
const PEAK = 10 ** (-6.1 / 20) // just below −6 dB
const NOTES = [
  { hertz: 659.26, at: 0.004, gain: 0.8 },
  { hertz: 880, at: 0.125, gain: 1 },
]
const OVERTONES = [
  { ratio: 1, gain: 1, decay: 8.5 },
  { ratio: 2, gain: 0.22, decay: 14 },
  { ratio: 3.01, gain: 0.1, decay: 26 },
  { ratio: 4.2, gain: 0.04, decay: 45 },
]

const samples = Float32Array.from({ length: Math.round(RATE * SECONDS) }, (_, index) => sampleAt(index / RATE))
const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
const scaled = samples.map((sample) => (sample / loudest) * PEAK)

const folder = new URL('../public/sounds/', import.meta.url)
mkdirSync(folder, { recursive: true })
const input = ['-f', 'f32le', '-ar', String(RATE), '-ac', '1', '-i', 'pipe:0']
const output = [
  '-c:a',
  'libmp3lame',
  '-b:a',
  '96k',
  '-map_metadata',
  '-1',
  '-fflags',
  '+bitexact',
  '-flags',
  '+bitexact',
]
const encoder = spawnSync(
  'ffmpeg',
  ['-v', 'error', '-y', ...input, ...output, fileURLToPath(new URL('message.mp3', folder))],
  { input: new Uint8Array(scaled.buffer), stdio: ['pipe', 'inherit', 'inherit'] },
)
process.exit(encoder.status ?? 1)

/** The sum of the notes at one moment, closed by a fade that reaches zero at the end. */
function sampleAt(seconds) {
  const fade = Math.min(1, (SECONDS - seconds) / 0.12)
  const sum = NOTES.reduce((total, note) => total + note.gain * noteAt(note.hertz, seconds - note.at), 0)
  return sum * Math.sin((Math.PI / 2) * Math.max(0, fade)) ** 2
}

/** One note: a rise of 6 ms, then each overtone on its own exponential fall. */
function noteAt(hertz, seconds) {
  if (seconds <= 0) return 0
  const rise = Math.sin((Math.PI / 2) * Math.min(1, seconds / 0.006)) ** 2
  const ring = OVERTONES.reduce(
    (total, { ratio, gain, decay }) =>
      total + gain * Math.exp(-decay * seconds) * Math.sin(2 * Math.PI * hertz * ratio * seconds),
    0,
  )
  return rise * ring
}
