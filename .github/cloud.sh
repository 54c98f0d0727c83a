# Sourced by the steps that sign in: what ARM_ENVIRONMENT, a variable of the repository, means for a job's OIDC token. The
# provider of Entra asks for the public cloud's audience, whatever its cloud is, unless the address names another one
# (hashicorp/terraform-provider-azuread#1755, read 2026-11); the provider of Azure reads ARM_OIDC_AUDIENCE.
exchange_audience=api://AzureADTokenExchange
case "${ARM_ENVIRONMENT:-public}" in
  usgovernment* | dod)
    exchange_audience=api://AzureADTokenExchangeUSGov
    export AZURE_AUTHORITY_HOST=https://login.microsoftonline.us
    ;;
  china)
    exchange_audience=api://AzureADTokenExchangeChina
    export AZURE_AUTHORITY_HOST=https://login.chinacloudapi.cn
    ;;
esac
if [ "$exchange_audience" != api://AzureADTokenExchange ]; then
  export ARM_OIDC_AUDIENCE="$exchange_audience"
  if [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    export ARM_OIDC_REQUEST_URL="$ACTIONS_ID_TOKEN_REQUEST_URL&audience=${exchange_audience/:\/\//%3A%2F%2F}"
    export ARM_OIDC_REQUEST_TOKEN="$ACTIONS_ID_TOKEN_REQUEST_TOKEN"
  fi
fi
