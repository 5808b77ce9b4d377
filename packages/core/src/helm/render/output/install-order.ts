// The order in which Helm installs kinds (its pkg/releaseutil/kind_sorter.go).

const kinds = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
]

const ranks: Readonly<Record<3 | 4, ReadonlyMap<string, number>>> = {
  3: rankOf(kinds),
  4: rankOf([...kinds, 'MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']),
}

function rankOf(order: readonly string[]): ReadonlyMap<string, number> {
  return new Map(order.map((kind, index) => [kind, index]))
}

/** The place of each kind that Helm knows. */
export function installOrder(helm: 3 | 4): ReadonlyMap<string, number> {
  return ranks[helm]
}
