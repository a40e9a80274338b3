/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The quantile z of the standard normal distribution for 2^-9 <= p < 1/2, in parts: four equal ones of each octave, of
 * which the first is 2^-9 <= p < 2^-8. Where p = m 2^e, 1 <= m < 2, and the middle of its part is at m = c, z is the
 * sum of term[i] (m - c)^i, less than NORMAL_OFF away from portable_normal(p), whose values at Chebyshev's nodes the
 * polynomials share. tests/test_random.c works them out anew, and prints them where they differ.
 */
#ifndef SYNFIN_NORMAL_PARTS_H
#define SYNFIN_NORMAL_PARTS_H

#define NORMAL_OFF 2e-11

enum { NORMAL_OCTAVES = 8, NORMAL_PARTS = 4, NORMAL_TERMS = 8 };

/* A part is a line of the cache. */
static const struct normal_part {
    _Alignas(64) double term[NORMAL_TERMS];
} normal_part[NORMAL_OCTAVES * NORMAL_PARTS] = {
    {{-0x1.6c9707a3e1b53p+1, 0x1.21a5717d5ea8dp-2, -0x1.d2b97e8fab03p-4, 0x1.0a22fa3d7d11fp-4,
      -0x1.5a7e7f646276dp-5, 0x1.e47c64021bdc8p-6, -0x1.68bf0e630bdccp-6, 0x1.1021e40eb05c6p-6}},
    {{-0x1.6456919430da8p+1, 0x1.e31e1336e538p-3, -0x1.3d44eaf4d82fbp-4, 0x1.27ba9ed093f2dp-5,
      -0x1.3ad736ae03175p-6, 0x1.680913f9fd74fp-7, -0x1.b3de22f6af6a5p-8, 0x1.0ce33ac71c5c8p-8}},
    {{-0x1.5d58676e308aep+1, 0x1.9f934b84e5fe4p-3, -0x1.cc4dca14a3118p-5, 0x1.6ab68bda4185ep-6,
      -0x1.46940315237c1p-7, 0x1.3be356e43411ep-8, -0x1.425ebe17b3194p-9, 0x1.506c756addff3p-10}},
    {{-0x1.5742fb82792d7p+1, 0x1.6d6e1f541ac3bp-3, -0x1.5db91434221f4p-5, 0x1.dd47bf7f091e6p-7,
      -0x1.7443082087c86p-8, 0x1.37f71e2588a96p-9, -0x1.133fd6741a9dap-10, 0x1.f1c0ca39c319cp-12}},
    {{-0x1.4f6122a6d5f9ep+1, 0x1.3663ee529194dp-2, -0x1.ed0792dac2f95p-4, 0x1.180ed28eba34fp-4,
      -0x1.6bcd78a6637e6p-5, 0x1.fbe784ae47cbep-6, -0x1.79bbe2de5661ep-6, 0x1.1cafa2bab78b8p-6}},
    {{-0x1.46865d8a4254bp+1, 0x1.038e3b5953691p-2, -0x1.4fa878e4338b3p-4, 0x1.379e0adc03372p-5,
      -0x1.4afa8efa633efp-6, 0x1.79e1847d263f1p-7, -0x1.c8e88bb085a0fp-8, 0x1.1998c0a176c75p-8}},
    {{-0x1.3f0089c7fad19p+1, 0x1.bf9bed1459cd1p-3, -0x1.e79eb11755246p-5, 0x1.7ea58d5730e5dp-6,
      -0x1.57b00d4492105p-7, 0x1.4be1c8b9c24aep-8, -0x1.52431145e28c6p-9, 0x1.60ac735be2d38p-10}},
    {{-0x1.38713f6bf2ba9p+1, 0x1.8a754f64f0f67p-3, -0x1.72e78bd5ff3acp-5, 0x1.f80820719309p-7,
      -0x1.88238f209d64cp-8, 0x1.480e4504da611p-9, -0x1.2111226be40ep-10, 0x1.051cb7c8f4141p-11}},
    {{-0x1.2febe8280382ap+1, 0x1.500ac6920a07ap-2, -0x1.05d77de94b498p-3, 0x1.2828f96aa05bdp-4,
      -0x1.7fb6387dd9d0bp-5, 0x1.0b5e422ee9714p-5, -0x1.8d235f3bb1a47p-6, 0x1.2afd98c37abb7p-6}},
    {{-0x1.265180f67f90ap+1, 0x1.1a0077f796fa6p-2, -0x1.65246ef8eeee1p-4, 0x1.4a0d75b885457p-5,
      -0x1.5d9905fafa6e8p-6, 0x1.8e6328662d05ap-7, -0x1.e102d89881f29p-8, 0x1.281f17ecefb38p-8}},
    {{-0x1.1e21d316283e5p+1, 0x1.e7ded9eac7a27p-3, -0x1.03cc4b657972dp-4, 0x1.95d654573a925p-6,
      -0x1.6b7a6dc60e47p-7, 0x1.5e4e841ae5cb4p-8, -0x1.6482d175eeebbp-9, 0x1.73451075d5f36p-10}},
    {{-0x1.16f8d3b714d4ep+1, 0x1.af32dc2b19907p-3, -0x1.8bbc66606856fp-5, 0x1.0b9cf04ee0bd6p-6,
      -0x1.9f2e9a4bfd8c7p-8, 0x1.5aa1c3b08dbe8p-9, -0x1.30f7fe0cc6f0bp-10, 0x1.13261e7e69ebp-11}},
    {{-0x1.0da39079f1401p+1, 0x1.70d2427f9d6p-2, -0x1.17d6358cc5949p-3, 0x1.3afe15d08210cp-4,
      -0x1.96dbe45bf3a37p-5, 0x1.1ae685e8d3281p-5, -0x1.a3873d8fdceap-6, 0x1.3b743be3d831p-6}},
    {{-0x1.0312e0e0435b8p+1, 0x1.3703f96f1e76bp-2, -0x1.7e6416231323ap-4, 0x1.5faf8960506b4p-5,
      -0x1.73509510cedf2p-6, 0x1.a6342c8741d9cp-7, -0x1.fce8f653cee65p-8, 0x1.38e225b0ff1c4p-8}},
    {{-0x1.f40d05c3442e7p+0, 0x1.0e3a3a1d7739ep-2, -0x1.1696a818652dp-4, 0x1.b1209d81b0718p-6,
      -0x1.829fd41f7bd56p-7, 0x1.73c34d22dd254p-8, -0x1.79b0863dc66dap-9, 0x1.88c6e6c7d1f16p-10}},
    {{-0x1.e427996dad051p+0, 0x1.dfa564009ba23p-3, -0x1.a8e63600fcf14p-5, 0x1.1e034121790fp-6,
      -0x1.ba31ef68b88c9p-8, 0x1.70508dcaceb7bp-9, -0x1.4377093ea749ap-10, 0x1.236a1d1e1a4acp-11}},
    {{-0x1.cf55190586ed8p+0, 0x1.9c9ef7148ae94p-2, -0x1.2cec492c16d15p-3, 0x1.5147d4fa27f57p-4,
      -0x1.b2130bfdfebb6p-5, 0x1.2d15996088d5cp-5, -0x1.bda5fa75f67a5p-6, 0x1.4e9b4baa4f0eep-6}},
    {{-0x1.b79c430c73d26p+0, 0x1.5e69909816b05p-2, -0x1.9bd436ae9ae16p-4, 0x1.796278037f944p-5,
      -0x1.8cee5b6cc2956p-6, 0x1.c22d9ec0106ddp-7, -0x1.0ec840ebefdaap-7, 0x1.4c745b7744dep-8}},
    {{-0x1.a327c19be5d7ap+0, 0x1.32761aeb08639p-2, -0x1.2c579ecab32e2p-4, 0x1.d1a86e459efdcp-6,
      -0x1.9dff622914804p-7, 0x1.8d08cd4e365d8p-8, -0x1.928c0a672c298p-9, 0x1.a1f5a7dfef4cap-10}},
    {{-0x1.911280d02e056p+0, 0x1.11ac1490850c2p-2, -0x1.ca5b70be27d4cp-5, 0x1.3404b9765f033p-6,
      -0x1.da35b7410807ep-8, 0x1.89e9bf787f767p-9, -0x1.593a2dcdb187cp-10, 0x1.3682ab1989f56p-11}},
    {{-0x1.79352bd2f736dp+0, 0x1.db0750f132a08p-2, -0x1.44b2ca5475eb9p-3, 0x1.6c12dfa2e3b4ap-4,
      -0x1.d268e7c8d761ap-5, 0x1.429db91da076cp-5, -0x1.dc781146f7b5ep-6, 0x1.652446398bdc5p-6}},
    {{-0x1.5dbf8886fb53ap+0, 0x1.97ec3f8d91d39p-2, -0x1.bc04e056036e7p-4, 0x1.9884c036460e8p-5,
      -0x1.ab6efb0827e88p-6, 0x1.e369378d08b72p-7, -0x1.221c76d12bb9ap-7, 0x1.638e2dfd9c8bfp-8}},
    {{-0x1.45cf9401933edp+0, 0x1.68936f85de51ap-2, -0x1.432ef44adedccp-4, 0x1.f9728f4487e0bp-6,
      -0x1.be9fa509923cdp-7, 0x1.ab23711d173cbp-8, -0x1.b00d9ddfacda2p-9, 0x1.bfc797524f758p-10}},
    {{-0x1.306d1329acb66p+0, 0x1.45579a3a1b52cp-2, -0x1.ebae20bcef70ap-5, 0x1.4f43a962f0351p-6,
      -0x1.002d32229e2cp-7, 0x1.a87b6d7617848p-9, -0x1.731d30afceceap-10, 0x1.4d2b767ebf986p-11}},
    {{-0x1.13d80f69553f3p+0, 0x1.1eac3cfc8551dp-1, -0x1.59e7a2e4f24ebp-3, 0x1.8e14051c935afp-4,
      -0x1.f8c9d19250ce2p-5, 0x1.5c6ccc0467d7ap-5, -0x1.009c8863978bap-5, 0x1.7ff4d620c8854p-6}},
    {{-0x1.e4c0940f829dcp-1, 0x1.f648d368d8e7bp-2, -0x1.d287a4ce7f9ebp-4, 0x1.c203bcd9187eap-5,
      -0x1.cf21a410120f1p-6, 0x1.05c0fda151dbep-6, -0x1.39346abae8434p-7, 0x1.7f22698cc9b3fp-8}},
    {{-0x1.a938b8c9b9966p-1, 0x1.c4fa4c514921ep-2, -0x1.4cd5c66717dd6p-4, 0x1.1939b0b344ef7p-5,
      -0x1.e3a01cd11009bp-7, 0x1.cfe38224d4482p-8, -0x1.d34761210b531p-9, 0x1.e37ed216c75c8p-10}},
    {{-0x1.72f38c9d294f1p-1, 0x1.a124a29a458d2p-2, -0x1.ec77917932a67p-5, 0x1.7a64e9a80224p-6,
      -0x1.147b69eb29e9ap-7, 0x1.ceac230e4c448p-9, -0x1.91d301ecb3a5cp-10, 0x1.6870a65fb6101p-11}},
    {{-0x1.288402c1d234ap-1, 0x1.7b6da995ba565p-1, -0x1.45af49038f331p-3, 0x1.d0346f1a9ec93p-4,
      -0x1.0ca2fe764eb68p-4, 0x1.7f5f50a6a6353p-5, -0x1.159e30f1140ccp-5, 0x1.a0d0820d1e4ecp-6}},
    {{-0x1.9be770ed737cap-2, 0x1.5be2816f89caap-1, -0x1.7c53aff226a2ap-4, 0x1.1b71540fe23dep-4,
      -0x1.d28016590108fp-6, 0x1.29fd3d5303a7fp-6, -0x1.4d7b1ede29f3ep-7, 0x1.a52d884f1cacap-8}},
    {{-0x1.e5ca3830dbd6cp-3, 0x1.4a00b9311543p-1, -0x1.939f02a9c5518p-5, 0x1.96b7cf21847eep-5,
      -0x1.9a19d61cf95bap-7, 0x1.25896c099f95fp-7, -0x1.c7413031848d8p-9, 0x1.1a9129e3b100ap-9}},
    {{-0x1.412d5fc49eaep-4, 0x1.41d618294d517p-1, -0x1.fb9d942301ed2p-7, 0x1.574656b562681p-5,
      -0x1.d67416cea6d44p-9, 0x1.865e15a2a9ff5p-8, -0x1.c9e9db07e9f24p-11, 0x1.17a596488f112p-10}},
};

#endif
