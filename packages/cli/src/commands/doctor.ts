// `chartferry doctor`: whether an image can be pulled from here, and what to mend where it cannot.

import { getCACertificates } from 'node:tls'
import { ChartferryError } from '@chartferry/core'
import { canonicalReference, diagnose, type Finding, parseReference } from '@chartferry/core/oci'
import type { Command } from 'commander'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { readPem } from '../flags/read-text.ts'
import {
  addRegistryOptions,
  addTlsOptions,
  openCommandRegistries,
  type RegistryOptions,
} from '../flags/registry-options.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { say, sayJson } from '../print/say.ts'

interface DoctorOptions extends RegistryOptions, OutputOptions {}

/** Adds the command. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor <image>')
    .description(
      'Find out, from this machine, a node or a pod, whether an image can be pulled: the name of its registry, the port, http or https, the certificate, the manifest, the blobs. The first fault is named, with what to mend.',
    )
  addOutputOptions(addTlsOptions(addRegistryOptions(command)))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry doctor registry.corp:5000/mirror/acme/web:1.0 --plain-http`,
    )
    .action((image: string, options: DoctorOptions) => untilStopped((signal) => doctor(image, options, signal)))
}

async function doctor(image: string, options: DoctorOptions, signal: AbortSignal): Promise<void> {
  const { host } = canonicalReference(parseReference(image))
  const plainHttp = options.plainHttp === true || options.plainHttpHost?.includes(host) === true
  const pem = await readPem(options.caFile)
  const registries = await openCommandRegistries(options)
  try {
    const findings = await diagnose(image, {
      open: (name) => registries.repository(name),
      plainHttp,
      ca: pem === undefined ? undefined : [...getCACertificates('default'), pem],
      signal,
    })
    const fault = findings.find(({ isGood }) => !isGood)
    if (options.json !== true)
      for (const { step, isGood, message } of findings) say(`${isGood ? '✔' : '✖'} ${step.padEnd(12)} ${message}`)
    if (fault !== undefined)
      throw new ChartferryError(codes[fault.step], `${image}: ${fault.message}`, {
        hint: fault.mend ?? '',
        details: { done: { image, findings } },
      })
    if (options.json === true) sayJson({ image, findings })
  } finally {
    await registries.close()
  }
}

const codes = {
  name: 'REGISTRY_UNREACHABLE',
  port: 'REGISTRY_UNREACHABLE',
  protocol: 'REGISTRY_UNREACHABLE',
  certificate: 'REGISTRY_UNREACHABLE',
  manifest: 'IMAGE_BROKEN',
  blobs: 'IMAGE_BROKEN',
} as const satisfies Record<Finding['step'], string>
