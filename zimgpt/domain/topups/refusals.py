"""Why a payment cannot be begun, or not in this way."""

from __future__ import annotations

from zimgpt.domain.errors import Refusal
from zimgpt.domain.rates import TooFast


class PaymentsOff(Refusal):
    """Tokens cannot be bought here just now. Whoever runs this service can add tokens to your number: please ask there."""  # noqa: E501

    code = "payments_off"


class CurrencyOff(Refusal):
    """This currency is not taken here. Please choose another one."""

    code = "currency_off"


class MethodOff(Refusal):
    """This way of paying is not offered here. Please choose another one."""

    code = "method_off"


class PriceChanged(Refusal):
    """The price has changed meanwhile. Please look at the packages again."""

    code = "price_changed"


class PaymentDiffers(Refusal):
    """This id was used for another payment. Please begin again with a new one."""

    code = "payment_id_reused"


class TooManyPayments(TooFast):
    """Several of your payments are waiting already. Please finish them, or wait a few minutes."""  # noqa: E501

    code = "too_many_payments"


class WrongCode(Refusal):
    """This is not the right code. Please look at the latest message of your wallet; after five wrong codes the payment is cancelled."""  # noqa: E501

    code = "code_wrong"


class NoCodeAwaited(Refusal):
    """This payment waits for no code. Please look at how it stands."""

    code = "no_code_awaited"


class BeneficiaryUnknown(Refusal):
    """That number has no account here yet. Please ask its holder to open one first."""

    code = "beneficiary_unknown"
