/** The phone's camera without one: its light, every way that it cannot be opened, and its end. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createCamera } from '../../src/web/phone/camera.ts'
import { cropOf } from '../../src/web/phone/decode.ts'

afterEach(() => vi.unstubAllGlobals())

describe('the light', () => {
  test('is there where the track says so, and is switched by a constraint', async () => {
    const { camera, track } = await opened({ torch: true })
    expect(camera.hasTorch()).toBe(true)
    expect(await camera.setTorch(true)).toBe(true)
    expect(await camera.setTorch(false)).toBe(false)
    expect(track.applied).toEqual([{ advanced: [{ torch: true }] }, { advanced: [{ torch: false }] }])
  })

  test.each([
    ['says nothing of a light', {}],
    ['has none', { torch: false }],
    ['cannot be asked', null],
  ])('is not offered where the track %s', async (_, capabilities) => {
    const { camera, track } = await opened(capabilities)
    expect(camera.hasTorch()).toBe(false)
    expect(await camera.setTorch(true)).toBe(false)
    expect(track.applied).toEqual([])
  })

  test('stays as it is where the camera refuses', async () => {
    const { camera, track } = await opened({ torch: true })
    track.refuses = true
    expect(await camera.setTorch(true)).toBe(false)
    track.refuses = false
    await camera.setTorch(true)
    track.refuses = true
    expect(await camera.setTorch(false)).toBe(true)
  })

  test('is gone with the camera', async () => {
    const { camera } = await opened({ torch: true })
    camera.stop()
    expect(camera.hasTorch()).toBe(false)
  })
})

describe('a camera', () => {
  test.each([
    ['NotAllowedError', 'denied'],
    ['SecurityError', 'denied'],
    ['NotFoundError', 'none'],
    ['OverconstrainedError', 'none'],
    ['NotReadableError', 'busy'],
    ['AbortError', 'busy'],
  ])('that is refused with %s is "%s"', async (name, problem) => {
    vi.stubGlobal('navigator', {
      mediaDevices: { getUserMedia: async () => Promise.reject(new DOMException('', name)) },
    })
    expect(await createCamera(() => undefined).start(screen())).toBe(problem)
  })

  test('needs an address that is secure', async () => {
    vi.stubGlobal('navigator', {})
    expect(await createCamera(() => undefined).start(screen())).toBe('insecure')
  })

  test('that opens after the screen was left is stopped, and nothing is said', async () => {
    const track = createTrack({})
    const opening = Promise.withResolvers<MediaStream>()
    vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => opening.promise } })
    const camera = createCamera(() => undefined)
    const starting = camera.start(screen())
    camera.stop()
    opening.resolve(streamOf(track))
    expect(await starting).toBeNull()
    expect(track.stopped).toBe(true)
  })

  test('that goes away by itself is told once, and not after it was stopped', async () => {
    let lost = 0
    const { camera, track } = await opened({}, () => lost++)
    track.dispatchEvent(new Event('ended'))
    expect(lost).toBe(1)
    camera.stop()
    track.dispatchEvent(new Event('ended'))
    expect(lost).toBe(1)
    expect(track.stopped).toBe(true)
  })
})

describe('what is looked at', () => {
  test('is the middle square as sharp as it is, all of it small, or all of it', () => {
    expect(cropOf('middle', 1280, 720)).toEqual({ x: 280, y: 0, width: 720, height: 720, scale: 1 })
    expect(cropOf('middle', 720, 1280)).toEqual({ x: 0, y: 280, width: 720, height: 720, scale: 1 })
    expect(cropOf('small', 1280, 720)).toEqual({ x: 0, y: 0, width: 1280, height: 720, scale: 0.5 })
    expect(cropOf('whole', 1280, 720)).toEqual({ x: 0, y: 0, width: 1280, height: 720, scale: 1 })
  })

  test('is never made larger', () => {
    expect(cropOf('small', 320, 240).scale).toBe(1)
  })
})

class Track extends EventTarget {
  applied: unknown[] = []
  refuses = false
  stopped = false
  getCapabilities?: () => object

  async applyConstraints(constraints: unknown): Promise<void> {
    if (this.refuses) throw new DOMException('', 'OverconstrainedError')
    this.applied.push(constraints)
  }

  stop(): void {
    this.stopped = true
  }
}

/** @param capabilities null: a browser that does not tell them */
function createTrack(capabilities: object | null): Track {
  const track = new Track()
  if (capabilities !== null) track.getCapabilities = () => capabilities
  return track
}

function streamOf(track: Track): MediaStream {
  return { getTracks: () => [track], getVideoTracks: () => [track] } as unknown as MediaStream
}

function screen(): HTMLVideoElement {
  return { srcObject: null, play: async () => undefined } as unknown as HTMLVideoElement
}

async function opened(capabilities: object | null, onLost: () => void = () => undefined) {
  const track = createTrack(capabilities)
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: async () => streamOf(track) } })
  const camera = createCamera(onLost)
  expect(await camera.start(screen())).toBeNull()
  return { camera, track }
}
