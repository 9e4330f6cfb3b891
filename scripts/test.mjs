// `npm test`: all tests but those that kill the runtime (`npm run test:crash`). What this machine lacks is left out by name, unless CI is set: then it is a failure.
// REPORT=file also writes vitest's JSON report there; arguments go to vitest.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

const tools = [
  {
    name: 'Chromium',
    has:
      Boolean(process.env.CHROMIUM) ||
      onPath('chromium', 'chromium-browser', 'google-chrome') ||
      existsSync(MAC_CHROME),
    without: 'the tests in a real browser',
    get: 'apt-get install chromium, or set CHROMIUM to the path of a Chrome or Chromium',
    leaveOut: ['--project', '!browser', '--project', '!smoothness'],
  },
  {
    name: 'zbarimg',
    has: onPath('zbarimg'),
    without: 'reading the code with a decoder that is not ours',
    get: 'apt-get install zbar-tools, or brew install zbar',
    leaveOut: [],
  },
  {
    name: 'ffmpeg',
    has: onPath('ffmpeg'),
    without: 'the camera of the tests in a real browser',
    get: 'apt-get install ffmpeg, or brew install ffmpeg',
    leaveOut: [],
  },
]

const missing = tools.filter(({ has }) => !has)
if (process.env.CI && missing.length > 0) {
  console.error(
    `With CI set nothing may be left out, and there is no ${missing.map(({ name }) => name).join(', no ')}.`,
  )
  process.exit(1)
}

const asked = process.argv.slice(2)
const projects = asked.some((argument) => argument.startsWith('--project'))
  ? []
  : ['--project', '!crash', ...missing.flatMap(({ leaveOut }) => leaveOut)]
const report = process.env.REPORT
  ? ['--reporter=default', '--reporter=json', `--outputFile.json=${process.env.REPORT}`]
  : []
const vitest = spawn(
  process.execPath,
  [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...projects, ...report, ...asked],
  {
    cwd: ROOT,
    stdio: 'inherit',
  },
)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => vitest.kill(signal))
vitest.on('exit', (code) => {
  for (const { name, without, get } of missing) console.log(`Left out: ${without}. There is no ${name} here (${get}).`)
  process.exitCode = code ?? 1
})

function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))))
}
