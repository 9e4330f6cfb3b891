/** The code's picture: how long it takes to draw, how large it is, and how often three decoders read it when it is worn. */
import QRCode from 'qrcode-svg'
import { codeModules, drawCode } from '../../src/companion/code-picture.ts'
import type { Generator } from '../load/driver.ts'
import type { Figure } from '../measure/figure.ts'
import type { Plan } from '../measure/rounds.ts'
import { median, orderOf } from '../measure/statistics.ts'
import { decoders } from './decoders.ts'
import { CONDITIONS, photograph, raster } from './photograph.ts'

/** A deployed service's address with a token of 64 characters. */
const ADDRESS = `https://link.example.com/link#${'aB3-_xYz'.repeat(8)}`
const LONGEST = 170
/** The least that whatsmeow's `makeQRData` makes: a reference and four keys of 44 characters, by commas. */
const OTHER_CHARACTERS = 175
const MODULE_PIXELS = 2

/** Draws in this process: it is the same engine, and the function is pure. */
export async function measureDrawing(_: Generator, { rounds, quick, say }: Plan): Promise<Figure[]> {
  const draws = quick ? 20 : 200
  const subjects: Record<string, () => unknown> = {
    drawCode: () => drawCode(ADDRESS),
    'qrcode-svg, matrix only': () => new QRCode({ content: ADDRESS, ecl: 'M', padding: 0 }).qrcode.modules,
    'qrcode-svg, its own SVG': () => new QRCode({ content: ADDRESS, ecl: 'M', padding: 0 }).svg(),
  }
  const values: Record<string, number[]> = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]))
  for (let round = -2; round < rounds; round++) {
    for (const [name, draw] of orderOf(Object.entries(subjects), Math.max(0, round))) {
      const times: number[] = []
      for (let index = 0; index < draws; index++) {
        const began = performance.now()
        draw()
        times.push(performance.now() - began)
      }
      if (round >= 0) values[name]?.push(median(times))
    }
  }
  const lengths = Array.from({ length: LONGEST - 29 }, (_unused, index) => index + 30)
  const bytes = lengths.map((length) => drawCode('https://link.example.com/link#'.padEnd(length, 'aB3-_x')).length)
  say(`${ADDRESS.length} characters are ${codeModules(ADDRESS).length} modules wide`)
  return [
    {
      id: 'picture.time',
      name: `drawing an address of ${ADDRESS.length} characters`,
      unit: 'ms',
      better: 'less',
      values,
      targets: [{ of: 'drawCode', base: 'qrcode-svg, matrix only', is: 'at most', limit: 1.3 }],
    },
    {
      id: 'picture.bytes',
      name: `the largest picture of addresses to ${LONGEST} characters`,
      unit: 'bytes',
      better: 'less',
      values: {
        drawCode: [Math.max(...bytes)],
        'qrcode-svg, its own SVG': [
          new QRCode({
            content: 'https://link.example.com/link#'.padEnd(LONGEST, 'aB3-_x'),
            ecl: 'L',
            padding: 0,
          }).svg().length,
        ],
      },
      targets: [{ of: 'drawCode', base: null, is: 'at most', limit: 4096 }],
    },
  ]
}

/** Each decoder on each worn picture of our address and of the longer payload, drawn by the same function. */
export async function measureReading(_: Generator, { rounds, quick, say }: Plan): Promise<Figure[]> {
  const trials = quick ? 1 : 4
  const readers = await decoders()
  const figures: Figure[] = readers.map(({ name }) => ({
    id: `picture.read.${name}`,
    name: `worn pictures read by ${name}, ${MODULE_PIXELS} px a module`,
    unit: '%',
    better: 'more',
    values: { 'our address': [], [`${OTHER_CHARACTERS} characters`]: [] },
    targets: [{ of: 'our address', base: `${OTHER_CHARACTERS} characters`, is: 'at least', limit: 1 }],
  }))
  const byCondition = new Map<string, Map<string, number>>()
  for (let round = 0; round < rounds; round++) {
    for (const [payload, length] of [
      ['our address', ADDRESS.length],
      [`${OTHER_CHARACTERS} characters`, OTHER_CHARACTERS],
    ] as const) {
      const shots = CONDITIONS.flatMap((condition) =>
        Array.from({ length: trials }, (_unused, trial) => {
          const text = payloadOf(length, round * trials + trial)
          const seed = round * 1_000 + trial
          return { text, condition, image: photograph(raster(codeModules(text), MODULE_PIXELS), condition, seed) }
        }),
      )
      for (const [index, { name, read }] of readers.entries()) {
        const found = await read(shots.map(({ image }) => image))
        const hits = shots.map(({ text }, shot) => (found[shot] === text ? 1 : 0))
        figures[index]?.values[payload]?.push((100 * hits.reduce<number>((sum, hit) => sum + hit, 0)) / shots.length)
        for (const [shot, { condition }] of shots.entries()) {
          const reads = byCondition.get(condition.name) ?? new Map<string, number>()
          reads.set(name + payload, (reads.get(name + payload) ?? 0) + (hits[shot] ?? 0))
          byCondition.set(condition.name, reads)
        }
      }
    }
    say(`round ${round + 1} of ${rounds}`)
  }
  say(`read of ${rounds * trials} each, our address : ${OTHER_CHARACTERS} characters`)
  for (const [condition, reads] of byCondition) {
    const told = readers.map(({ name }) => {
      const [ours, other] = Object.keys(figures[0]?.values ?? {}).map((payload) => reads.get(name + payload) ?? 0)
      return `${name} ${ours} : ${other}`
    })
    say(`${condition.padEnd(24)} ${told.join(', ')}`)
  }
  return figures
}

/** A text of our form, or of the other's, that differs with `seed`. */
function payloadOf(length: number, seed: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const start = length === OTHER_CHARACTERS ? '' : 'https://link.example.com/link#'
  let text = start
  let state = seed + 1
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += alphabet[state >>> 26]
  }
  return text
}
