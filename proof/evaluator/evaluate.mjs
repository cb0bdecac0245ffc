// Evaluates IAM requests: a JSON list of simulations on standard input, their outcomes in the same
// order on standard output. The shape of a simulation is that of @cloud-copilot/iam-simulate.
import { getDenialReasons, getGrantReasons, runSimulation } from '@cloud-copilot/iam-simulate'

const read = async (stream) => {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

const outcome = async (simulation) => {
  const answer = await runSimulation(simulation, {})
  if (answer.resultType !== 'single') return { error: JSON.stringify(answer.errors ?? answer.resultType) }
  const { analysis, ignoredContextKeys } = answer.result
  const reasons = analysis.result === 'Allowed' ? getGrantReasons(analysis) : getDenialReasons(analysis)
  return { result: analysis.result, blockedBy: analysis.blockedBy ?? [], reasons, ignoredContextKeys }
}

const simulations = await read(process.stdin)
const outcomes = []
for (const simulation of simulations) outcomes.push(await outcome(simulation))
process.stdout.write(JSON.stringify(outcomes))
