// The darkroom: renders a scene's shader in a page, sample upon sample and tile by tile (a software renderer that is
// asked for a whole picture at once is taken for hung and killed), then develops it onto a canvas that can be encoded.

import { readFile } from 'node:fs/promises'

const TILE = 160

/** Puts the studio into an empty page. */
export async function openStudio(page) {
  await page.setContent('<canvas></canvas>')
  await page.evaluate(installStudio)
}

/** Renders one scene; `middle` and `half` choose the part of the film that is seen. */
export async function renderScene(page, { scene, width, height, samples, middle, half, ...look }) {
  const [common, body, finish] = await Promise.all(['common', scene, 'finish'].map(readShader))
  const shader = `${common}\n${body}\n${FRAME}`
  await page.evaluate((job) => globalThis.studio.begin(job), { shader, finish, width, height })
  for (let sample = 0; sample < samples; sample++) {
    for (let y = 0; y < height; y += TILE) {
      await page.evaluate((job) => globalThis.studio.expose(job), { sample, samples, middle, half, y, rows: TILE })
    }
  }
  await page.evaluate((job) => globalThis.studio.develop(job), look)
}

/** Draws an SVG onto the canvas instead. */
export async function renderDrawing(page, { svg, size }) {
  await page.evaluate((job) => globalThis.studio.draw(job), { svg, size })
}

// What surrounds a scene: one jittered sample of one pixel, its seed made of the place and the sample's number. The
// jitter fills a tent of two pixels' width, which is kinder to edges than a box.
const FRAME = `
uniform vec2 size, middle;
uniform float extent;
out vec4 light;
float tent(float u) { return u < 0.5 ? sqrt(2.0 * u) - 1.0 : 1.0 - sqrt(2.0 - 2.0 * u); }
void main() {
  uvec2 pixel = uvec2(gl_FragCoord.xy);
  uint seed = scramble(pixel.x + scramble(pixel.y + scramble(number)));
  vec2 shift = random2(seed);
  vec2 at = gl_FragCoord.xy + 0.8 * vec2(tent(shift.x), tent(shift.y));
  vec3 colour = scene(middle + extent * (2.0 * at - size) / size.y, seed);
  if (any(isnan(colour)) || any(isinf(colour))) colour = vec3(0);
  light = vec4(clamp(colour, 0.0, 12.0), 1);
}
`

// GLSL wants its version line first: a file's opening comment is cut off.
async function readShader(name) {
  const text = await readFile(new URL(`${name}.glsl`, import.meta.url), 'utf8')
  const version = text.indexOf('#version')
  return version < 0 ? text : text.slice(version)
}

/** Runs in the page. */
function installStudio() {
  const canvas = globalThis.document.querySelector('canvas')
  const gl = canvas.getContext('webgl2', { preserveDrawingBuffer: true, antialias: false, alpha: false })
  for (const name of ['EXT_color_buffer_float', 'EXT_float_blend']) {
    if (gl.getExtension(name) === null) throw new Error(`WebGL has no ${name}`)
  }
  let source = canvas
  let gather, finish, target, texture

  globalThis.studio = { begin, expose, develop, draw, encode }

  function begin(job) {
    source = canvas
    canvas.width = job.width
    canvas.height = job.height
    gather = compile(job.shader)
    finish = compile(job.finish)
    texture = gl.createTexture()
    gl.bindTexture(gl.TEXTURE_2D, texture)
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, job.width, job.height)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
    target = gl.createFramebuffer()
    gl.bindFramebuffer(gl.FRAMEBUFFER, target)
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0)
    gl.disable(gl.SCISSOR_TEST)
    gl.clearColor(0, 0, 0, 0)
    gl.clear(gl.COLOR_BUFFER_BIT)
    gl.viewport(0, 0, job.width, job.height)
  }

  function expose({ sample, middle, half, y, rows }) {
    gl.bindFramebuffer(gl.FRAMEBUFFER, target)
    gl.useProgram(gather)
    gl.uniform2f(gl.getUniformLocation(gather, 'size'), canvas.width, canvas.height)
    gl.uniform2f(gl.getUniformLocation(gather, 'middle'), middle[0], middle[1])
    gl.uniform1f(gl.getUniformLocation(gather, 'extent'), half)
    gl.uniform1ui(gl.getUniformLocation(gather, 'number'), sample + 1)
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE)
    gl.enable(gl.SCISSOR_TEST)
    gl.scissor(0, y, canvas.width, rows)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    gl.readPixels(0, y, 1, 1, gl.RGBA, gl.FLOAT, new Float32Array(4)) // waits for the tile
  }

  function develop(look) {
    gl.bindFramebuffer(gl.FRAMEBUFFER, null)
    gl.disable(gl.BLEND)
    gl.disable(gl.SCISSOR_TEST)
    gl.useProgram(finish)
    gl.uniform2f(gl.getUniformLocation(finish, 'size'), canvas.width, canvas.height)
    for (const name of ['exposure', 'contrast', 'calm', 'grain', 'vignette', 'bloom']) {
      gl.uniform1f(gl.getUniformLocation(finish, name), look[name])
    }
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    gl.finish()
    gl.deleteTexture(texture)
    gl.deleteFramebuffer(target)
  }

  async function draw({ svg, size }) {
    const image = new globalThis.Image()
    image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`
    await image.decode()
    source = new globalThis.OffscreenCanvas(size, size)
    source.getContext('2d').drawImage(image, 0, 0, size, size)
  }

  async function encode({ width, height, type, quality }) {
    const sheet = new globalThis.OffscreenCanvas(width, height)
    const context = sheet.getContext('2d')
    context.imageSmoothingQuality = 'high'
    context.drawImage(source, 0, 0, width, height)
    const blob = await sheet.convertToBlob({ type, quality })
    const bytes = new Uint8Array(await blob.arrayBuffer())
    let text = ''
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
    return globalThis.btoa(text)
  }

  function compile(fragment) {
    const program = gl.createProgram()
    const corner = 'vec2(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1)'
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, `#version 300 es\nvoid main() { gl_Position = vec4(${corner}, 0, 1); }`],
      [gl.FRAGMENT_SHADER, fragment],
    ]) {
      const shader = gl.createShader(kind)
      gl.shaderSource(shader, text)
      gl.compileShader(shader)
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader))
      gl.attachShader(program, shader)
    }
    gl.linkProgram(program)
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program))
    return program
  }
}
